// Finds true values by name in theta.
#include "simulation/truth.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/guard.hpp"
#include "tarn/covariance.hpp"
#include "tarn/error.hpp"
#include "tarn/index.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

bool is_possible(Support support, double value) {
  switch (support) {
    case Support::positive:
      return value >= 0;  // data without noise, groups without differences
    case Support::unit_interval:
    case Support::simplex:
      return value > 0 && value < 1;
    case Support::minus_one_to_one:
    case Support::correlation:
      return value > -1 && value < 1;
    default:
      return true;
  }
}

struct Statement {
  std::string name;
  double value;
};

Statement read(const std::string& text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  const auto trimmed = [&](std::string part) {
    std::erase_if(part, blank);
    return part;
  };
  const auto at = text.rfind('=');
  const std::string name = trimmed(text.substr(0, at));
  const auto value =
      at == std::string::npos ? std::nullopt : read_number<double>(trimmed(text.substr(at + 1)));
  if (!value || !std::isfinite(*value) || name.empty()) {
    throw UsageError(
        fmt::format("--true '{}' must be a name and a number, such as 'b[x] = 1.5'", text));
  }
  return {name, *value};
}

/// Places in theta of an element, or of all elements of a block.
std::vector<Eigen::Index> places(const Layout& layout, const Statement& said) {
  std::vector<Eigen::Index> all;
  std::vector<std::string> names;
  for (std::size_t b = 0; b < layout.blocks(); ++b) {
    const Block& block = layout.block(b);
    names.push_back(block.name);
    for (std::size_t e = 0; e < block.size(); ++e) {
      const std::string name = layout.element_name(b, e);
      if (name != said.name && block.name != said.name) continue;
      if (block.support == Support::correlation) {
        const std::size_t q = block.axes.back().labels.size();
        const bool diagonal = e / q == e % q;
        if (diagonal || (!block.is_own(e) && block.name == said.name)) continue;
        all.push_back(as_index(layout.offset(b) + e % q * q + e / q));
      }
      if (!is_possible(block.support, said.value)) {
        throw UsageError(fmt::format(
            "--true: {} cannot be {}; it is {}", said.name, said.value,
            block.support == Support::correlation ? "between -1 and 1" : to_string(block.support)));
      }
      all.push_back(as_index(layout.offset(b) + e));
    }
    if (block.size() > 1) names.push_back(layout.element_name(b, 0));
  }
  if (all.empty()) {
    for (std::size_t b = 0; b < layout.blocks(); ++b) {
      for (std::size_t e = 1; e < layout.block(b).size(); ++e) {
        names.push_back(layout.element_name(b, e));
      }
    }
    throw UsageError(fmt::format("--true: there is no parameter '{}'; {}there are {}", said.name,
                                 did_you_mean(said.name, names), list_of(names, 16)));
  }
  return all;
}

}  // namespace

std::string truth_text(const Layout& layout, ConstVectorRef theta) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (std::size_t b = 0; b < layout.blocks(); ++b) {
    const auto values = layout.of(theta, b);
    for (std::size_t e = 0; e < layout.block(b).size(); ++e) {
      if (!layout.block(b).is_own(e)) continue;
      object[layout.element_name(b, e)] = values[as_index(e)];
    }
  }
  return object.dump(2) + '\n';
}

KnownTruth::KnownTruth(Model& model, const Design& design, const Priors& priors,
                       std::span<const std::string> given)
    : model_(model), design_(design), priors_(priors) {
  const Layout& layout = model.layout();
  for (const std::string& text : given) {
    const Statement said = read(text);
    for (const Eigen::Index place : places(layout, said)) given_[place] = said.value;
  }
  for (const ParameterPrior& prior : priors.all()) {
    if (!prior.density.proper()) {
      throw InputError(
          fmt::format("prior '{}' is flat: nothing can be drawn from it; give it a proper one with "
                      "--prior, such as normal(0, 10)",
                      prior.text()));
    }
    if (!prior.density.scales_with_sigma()) continue;
    const auto sigma = layout.find("sigma");
    const auto b = layout.find("b");
    if (!sigma || !b || !given_.contains(Eigen::Index(layout.offset(*sigma)))) continue;
    for (std::size_t e = 0; e < layout.block(*b).size(); ++e) {
      if (subject_of(design, layout.block(*b), e) != prior.parameter.subject) continue;
      if (given_.contains(as_index(layout.offset(*b) + e))) continue;
      throw UsageError(
          fmt::format("--true: prior '{}' scales with sigma, which is given; give {}, too",
                      prior.text(), layout.element_name(*b, e)));
    }
  }
}

/// Standard deviations and correlations of slopes are the same about any origin; those of the
/// intercepts move with it. What is not given stays as it was drawn: at the covariates' means while
/// only slopes are given, else at 0.
void KnownTruth::fix_covariance(const PredictorDesign& design, std::size_t grouping,
                                VectorRef theta) const {
  const Layout& layout = model_.layout();
  const std::string end = design.parameter.empty() ? "" : "__" + design.parameter;
  if (design.centering_on(grouping).empty() ||
      !layout.find("centered_sd_" + design.groupings[grouping].variable() + end)) {
    return;
  }
  const GroupCovariance covariance(design, priors_, grouping);
  const auto place = covariance.find_in(layout);
  if (!place) return;
  bool at_zero = false;
  const auto take = [&](std::size_t user, std::size_t working, const auto& is_moved) {
    for (std::size_t e = 0; e < layout.block(user).size(); ++e) {
      const auto found = given_.find(static_cast<Eigen::Index>(layout.offset(user) + e));
      if (found == given_.end() || user == working) continue;
      if (is_moved(e)) {
        at_zero = true;
      } else {
        theta[static_cast<Eigen::Index>(layout.offset(working) + e)] = found->second;
      }
    }
  };
  take(*place->user_sd, place->sd,
       [&](std::size_t e) { return covariance.moves(static_cast<Eigen::Index>(e)); });
  const std::vector<std::string>& columns = covariance.columns();
  const auto moved = [&](const std::string& label) {
    return covariance.moves(std::ranges::find(columns, label) - columns.begin());
  };
  for (std::size_t t = 0; t < place->correlations.size(); ++t) {
    const std::size_t user = place->user_correlations[t];
    const std::vector<std::string>& labels = layout.block(user).axes.back().labels;
    take(user, place->correlations[t], [&](std::size_t e) {
      return moved(labels[e / labels.size()]) || moved(labels[e % labels.size()]);
    });
  }
  covariance.write(covariance.read(layout, *place, theta), layout, *place, theta);
  if (!at_zero) return;
  const auto restore = [&](std::size_t block) {
    for (std::size_t e = 0; e < layout.block(block).size(); ++e) {
      const auto at = static_cast<Eigen::Index>(layout.offset(block) + e);
      if (const auto found = given_.find(at); found != given_.end()) theta[at] = found->second;
    }
  };
  restore(*place->user_sd);
  for (const std::size_t block : place->user_correlations) restore(block);
  const Covariance stated = covariance.read_user(layout, *place, theta);
  covariance.write(covariance.to_working(stated), layout, *place, theta);
  restore(*place->user_sd);
  for (const std::size_t block : place->user_correlations) restore(block);
}

/// Cuts move with the covariates' means as the intercept does.
void KnownTruth::fix_cuts(VectorRef theta) const {
  const Layout& layout = model_.layout();
  const auto user = layout.find("cut");
  const auto working = layout.find("centered_cut");
  if (user && working) {
    const double shift = design_.center.dot(layout.of(theta, *layout.find("b")));
    auto cuts = layout.of(theta, *user);
    cuts = layout.of(theta, *working).array() + shift;
    for (std::size_t e = 0; e < layout.block(*user).size(); ++e) {
      const auto found = given_.find(as_index(layout.offset(*user) + e));
      if (found != given_.end()) cuts[as_index(e)] = found->second;
    }
    layout.of(theta, *working) = cuts.array() - shift;
  }
  for (std::size_t k = 0; k < layout.blocks(); ++k) {
    if (layout.block(k).support != Support::ordered) continue;
    const auto values = layout.of(theta, k);
    if (std::ranges::adjacent_find(values, std::greater_equal<>()) == values.end()) continue;
    throw UsageError(fmt::format(
        "--true: the elements of {} must ascend, and those that are not given are drawn from the "
        "prior; give them all",
        layout.block(k).name));
  }
}

/// The intercept's prior is at the covariates' means, so slopes move in working coordinates; one
/// that is given is the user's.
void KnownTruth::fix_coefficients(const PredictorDesign& design, VectorRef theta,
                                  bool working) const {
  const Layout& layout = model_.layout();
  const auto b = layout.find(design.name("b"));
  if (!b || layout.block(*b).size() != design.size()) return;
  if (working) return design.to_working(layout.of(theta, *b));
  design.to_user(layout.of(theta, *b));
  const auto intercept = as_index(layout.offset(*b));
  if (const auto found = given_.find(intercept); found != given_.end()) {
    theta[intercept] = found->second;
  }
}

void KnownTruth::fix(VectorRef theta) const {
  std::vector<const PredictorDesign*> all{&design_};
  for (const PredictorDesign& predictor : design_.predictors) all.push_back(&predictor);
  for (const PredictorDesign* design : all) fix_coefficients(*design, theta, true);
  for (const auto& [place, value] : given_) theta[place] = value;
  for (const PredictorDesign* design : all) {
    for (std::size_t g = 0; g < design->groupings.size(); ++g) fix_covariance(*design, g, theta);
    if (design == &design_) fix_cuts(theta);
    fix_coefficients(*design, theta, false);
  }
}

void KnownTruth::draw(VectorRef theta, Rng& rng) const {
  guarded("model", "of the formula", "draw_prior()",
          [&] { query<PriorDraws>(model_)->draw_prior(theta, rng); });
  if (given_.empty()) return;
  fix(theta);
  auto* groups = query<NewGroups>(model_);
  if (groups == nullptr) return;
  for (std::size_t g = 0; g < design_.groupings_in_all(); ++g) {
    for (std::size_t j = 0; j < design_.grouping(g).levels.size(); ++j) {
      groups->draw_group(g, j, theta, rng);
    }
  }
  fix(theta);
  if (theta.allFinite()) return;
  throw UsageError(
      "--true: these correlations cannot go together: their matrix is not positive "
      "definite");
}

}  // namespace tarn::launcher
