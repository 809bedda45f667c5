// Finds the blocks of a draw that keys of priors belong to.
#include "log_prior.hpp"

#include <algorithm>
#include <cmath>

namespace tarn::power_scaling {

LogPrior::LogPrior(const Design& design, const Priors& priors, const Layout& layout)
    : design_(design), layout_(layout) {
  find_coefficients(priors);
  find_groups(priors);
  find_variances(priors);
  for (const ParameterPrior& prior : priors.all()) {
    if (std::ranges::find(known_, prior.key()) == known_.end()) unknown_.push_back(prior.key());
  }
}

/// All elements of a block have one prior.
bool LogPrior::take(const Priors& priors, const std::string& key, const std::string& block) {
  const ParameterPrior* prior = priors.find(key);
  const auto found = layout_.find(block);
  if (prior == nullptr || !found) return false;
  singles_.push_back({prior, *found});
  know(key);
  return true;
}

void LogPrior::find_coefficients(const Priors& priors) {
  const auto b = layout_.find("b");
  if (!b || layout_.block(*b).size() != design_.size()) return;
  std::vector<std::string> keys;
  for (std::size_t k = 0; k < design_.size(); ++k) {
    const bool intercept = design_.has_intercept && k == 0;
    keys.push_back(intercept ? "Intercept" : "b[" + design_.coefficients[k] + "]");
    if (priors.find(keys.back()) == nullptr) return;
  }
  coefficients_.emplace(design_, priors);
  b_ = *b;
  sigma_ = layout_.find("sigma");
  for (const std::string& key : keys) know(key);
}

void LogPrior::find_groups(const Priors& priors) {
  for (std::size_t g = 0; g < design_.groupings.size(); ++g) {
    const std::string name = design_.groupings[g].name;
    std::vector<std::string> keys;
    for (const ParameterPrior& prior : priors.all()) {
      const std::string& key = prior.key();
      if (key.starts_with("sd(" + name + ", ") || key == "cor(" + name + ")" ||
          key == "cov(" + name + ")") {
        keys.push_back(key);
      }
    }
    if (keys.empty()) continue;
    GroupCovariance covariance(design_, priors, g);
    Layout own;
    GroupCovariance::Place place = covariance.add_to(own);
    bool all_there = true;
    const auto move = [&](std::size_t& block) {
      const auto found = layout_.find(own.block(block).name);
      all_there = all_there && found.has_value();
      block = found.value_or(0);
    };
    move(place.sd);
    for (std::size_t& correlation : place.correlations) move(correlation);
    if (!all_there) continue;
    groups_.push_back({std::move(covariance), std::move(place)});
    for (const std::string& key : keys) know(key);
  }
}

void LogPrior::find_variances(const Priors& priors) {
  take(priors, "sigma", "sigma");
  for (const Grouping& grouping : design_.groupings) {
    const std::string key = "(" + grouping.name + ")";
    const std::string block = "_" + grouping.variable();
    take(priors, "sigma" + key, "sigma" + block);
    if (!take(priors, "shape" + key, "shape" + block)) continue;
    if (take(priors, "scale" + key, "scale" + block)) continue;
    typical_ = priors.find("typical" + key);
    shape_ = *layout_.find("shape" + block);
    scale_ = layout_.find("scale" + block).value_or(shape_);
    know("typical" + key);
  }
}

double LogPrior::operator()(ConstVectorRef theta) const {
  double sum = 0;
  if (coefficients_) {
    Vector b = layout_.of(theta, b_);
    design_.to_working(b);
    sum += coefficients_->log_density(b, sigma_ ? layout_.of(theta, *sigma_)[0] : 1);
  }
  for (const Group& group : groups_) {
    sum += group.covariance.log_density(group.covariance.read(layout_, group.place, theta));
  }
  for (const Single& single : singles_) {
    for (const double x : layout_.of(theta, single.block)) sum += single.prior->log_density(x);
  }
  if (typical_ != nullptr) {
    const double shape = layout_.of(theta, shape_)[0];
    const double scale = layout_.of(theta, scale_)[0];
    // |d typical / d scale| = 1 / (2 sqrt(shape scale))
    sum += typical_->log_density(std::sqrt(scale / shape)) - std::log(2 * std::sqrt(shape * scale));
  }
  return sum;
}

}  // namespace tarn::power_scaling
