// What `convergence` says of a chain file, and how `fit` and `summary` show it.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tarn/diagnostic.hpp"
#include "tarn/io/chain_store.hpp"
#include "tarn/registry.hpp"

namespace tarn::launcher {

/// Which parameters to judge, and which of those to show.
struct Selection {
  bool all = false;                        // group effects, too
  std::vector<std::string> patterns = {};  // names, variables, or either with * and ?
  double interval = 0.95;                  // probability of the equal-tailed interval
};

struct Judgement {
  ReportTable parameters;
  std::vector<Finding> findings;
  std::vector<std::size_t> shown;  // rows of `parameters`
  bool approximate = false;        // the draws
  std::string left_out;            // a note on parameters that are not shown or not judged
};

/// Whether the draws are those of an approximation.
bool is_approximate(const io::ChainFile& file);

/// The elements of internal blocks, by name.
std::set<std::string> internal_elements(const Layout& layout);

/// The blocks that are judged unless others are asked for.
std::vector<bool> judged_blocks(const Layout& layout);
std::size_t judged_parameters(const Layout& layout);

/// `observed`: the response, if it is known. Throws UsageError for a pattern that matches nothing.
Judgement evaluate(const Registry& registry, const io::ChainFile& file, const Vector* observed,
                   const Selection& selection);

/// The object that `--json` prints.
nlohmann::ordered_json to_json(const Judgement& judgement, const io::ChainFile& file,
                               const Selection& selection);

/// Table, note and verdict.
std::string to_text(const Judgement& judgement);

/// "4 chains of 1,000 draws, 95 % equal-tailed intervals".
std::string heading(const io::ChainFile& file, double interval);

}  // namespace tarn::launcher
