// A run that is set up is drawn, stored, and told of: what fit, resume and extend share.
#pragma once

#include "run/interrupt.hpp"
#include "run/stopwatch.hpp"
#include "tarn/io/chain_store.hpp"
#include "tarn/registry.hpp"
#include "tarn/runtime.hpp"

namespace tarn::launcher {

struct Timings {
  Seconds read;         // files to columns
  Seconds set_up;       // columns to a model and a sampler that are ready for draws
  Seconds create = {};  // the chain file
  Seconds draw = {};    // warm-up and draws of all chains, written
};

struct Drawing {
  const Registry& registry;
  Run& run;
  io::ChainWriter& writer;
  const Interrupt& interrupt;  // keeps draws
  const RunPlan& plan;
  Timings timings;
  const Vector& observed;  // the response of the rows used
  bool quiet, json;
  bool continued = false;  // a file of draws is there already
};

/// Draws until the end, whatever it is; prints the summary unless it was interrupted. Leaves a file
/// and says how to go on with it, or throws and leaves none.
ExitCode carry_out(Drawing drawing);

}  // namespace tarn::launcher
