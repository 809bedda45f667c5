// What the elements of tarn's own blocks are: the one place that reads their names.
#include <algorithm>
#include <cctype>

#include "tarn/design.hpp"
#include "tarn/prior.hpp"

namespace tarn {
namespace {

/// `cor_g`, and of further correlated terms `cor_g_2`, `cor_g_3`.
bool is_correlation_of(const std::string& grouping, std::string_view block) {
  const std::string name = "cor_" + grouping;
  if (!block.starts_with(name)) return false;
  block.remove_prefix(name.size());
  return block.empty() || (block.size() > 1 && block.front() == '_' &&
                           std::ranges::all_of(block.substr(1), [](unsigned char c) {
                             return std::isdigit(c) != 0;
                           }));
}

}  // namespace

namespace {

/// Of the blocks that one predictor has.
Subject subject_in(const PredictorDesign& design, const Block& block, std::size_t element) {
  using Kind = Subject::Kind;
  const auto label = [&] { return block.axes.front().labels.at(element); };
  const std::string& parameter = design.parameter;
  if (block.name == design.name("b") && block.axes.size() == 1) {
    return {Kind::coefficient, label(), {}, parameter};
  }
  // Of a term that is centred inside, the covariance stands there twice, with the same priors.
  constexpr std::string_view centred = "centered_";
  std::string name = block.name;
  if (name.starts_with(centred)) name.erase(0, centred.size());
  for (const Grouping& grouping : design.groupings) {
    const std::string g = grouping.variable() + (parameter.empty() ? "" : "__" + parameter);
    if (block.axes.size() == 1 && name == "sd_" + g) {
      return {Kind::group_sd, label(), grouping.name, parameter};
    }
    if (block.support == Support::correlation && is_correlation_of(g, name)) {
      return {Kind::group_correlation, {}, grouping.name, parameter};
    }
  }
  return {};
}

}  // namespace

Subject subject_of(const Design& design, const Block& block, std::size_t element) {
  using Kind = Subject::Kind;
  if (block.name == "sigma" && block.axes.empty()) return {Kind::residual_sd, {}, {}};
  for (const Grouping& grouping : design.groupings) {
    if (block.axes.size() == 1 && block.name == "sigma_" + grouping.variable()) {
      return {Kind::residual_sd, {}, grouping.name};
    }
  }
  Subject subject = subject_in(design, block, element);
  for (const PredictorDesign& predictor : design.predictors) {
    if (subject.kind == Kind::other) subject = subject_in(predictor, block, element);
  }
  return subject;
}

}  // namespace tarn
