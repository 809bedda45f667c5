// tarn loglik: the pointwise log likelihood, stored beside the draws.
#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "base/guard.hpp"
#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "drawing/interrupt.hpp"
#include "fits/load.hpp"
#include "fitting/preparation.hpp"
#include "report/numbers.hpp"
#include "tarn/io/log_likelihood.hpp"
#include "tarn/log_likelihood.hpp"

namespace tarn::launcher {
namespace {

ExitCode loglik(const Arguments& arguments) {
  if (arguments.words().size() != 1) {
    throw UsageError("tarn loglik needs one chain file, for example: tarn loglik radon.h5");
  }
  const Interrupt interrupt(nothing_half_written);
  const Registry registry = load_plugins(arguments, true);
  const LoadedFit fit(arguments.words().front(), registry);
  const FittedModel& model = fit.required_model();
  if (query<PointwiseLogLikelihood>(*model.make()) == nullptr) {
    throw PluginError(
        fmt::format("model '{}' does not offer {}", model.type.name, PointwiseLogLikelihood::id));
  }
  const Fit what{.posterior = fit.file().posterior(),
                 .model = &model,
                 .threads = std::max(1u, std::thread::hardware_concurrency())};
  io::LogLikelihoodWriter writer(fit.path());
  guarded("model", model.type.name, "log_likelihood()", [&] {
    LogLikelihood(what).row_blocks(
        [&](std::size_t first, ConstMatrixRef block) { writer.write(first, block); });
  });
  writer.finish();
  if (arguments.flag("quiet")) return ExitCode::done;
  say(fmt::format("{} holds the log likelihood of {} in {} chains of {}", fit.path().string(),
                  count_of(model.row_numbers.size(), "row"), what.posterior.chains(),
                  count_of(what.posterior.draws(), "draw")));
  return ExitCode::done;
}

}  // namespace

Command loglik_command() {
  Command command;
  command.name = "loglik";
  command.summary = "store the pointwise log likelihood in a chain file";
  command.usage = {"FILE [options]"};
  command.description =
      "Adds the group log_likelihood (chain, draw, row) to a finished chain file, for az.loo, "
      "az.waic and az.compare of ArviZ and other tools. tarn itself never needs it: it recomputes "
      "what it needs. A new file is written beside FILE and renamed over it; it grows by 8 bytes "
      "for each row of each draw.";
  command.groups = {{"what comes out", {quiet_option()}}, common_options()};
  command.examples = {{"for ArviZ", "tarn loglik radon.h5"}};
  command.run = loglik;
  return command;
}

}  // namespace tarn::launcher
