// Statistics that say something of numbers, counts, shares or categories.
#include "quantities.hpp"

#include <fmt/format.h>

namespace tarn::predictive_check {
namespace {

bool is_normal(const Design& design) { return query<GaussianRows>(*design.family) != nullptr; }

Quantity quantity(Statistic statistic, std::string name, bool basic = false,
                  std::string in_sentences = {}) {
  if (in_sentences.empty()) in_sentences = name;
  return {statistic, std::move(name), std::move(in_sentences), basic,
          [statistic](const Shape& shape) { return shape.of(statistic); }};
}

/// A count's family with more of something.
std::string count_advice(const Design& design, bool of_zeros) {
  const std::string& family = design.family_name;
  if (family == "poisson") {
    return of_zeros ? "try --family negbinomial, zero_inflated_poisson or hurdle_poisson"
                    : "try --family negbinomial, or a missing term";
  }
  if (of_zeros && family == "negbinomial") {
    return "try --family zero_inflated_negbinomial or hurdle_negbinomial";
  }
  if (family == "zero_inflated_poisson") return "try --family zero_inflated_negbinomial";
  if (family == "hurdle_poisson") return "try --family hurdle_negbinomial";
  return of_zeros ? "look for a term that tells rows with zeros from others"
                  : "look for a missing term";
}

std::string extreme_advice(bool greatest, bool data_greater, bool may_be_logged,
                           const Design& design) {
  if (tarn::kind_of(*design.family) != ResponseKind::real) {
    return "look at those rows; try a missing term, or another family";
  }
  if (greatest != data_greater) {
    return fmt::format("the response seems to be bounded or cut off there, which a {} one is not",
                       is_normal(design) ? "normal" : design.family_name);
  }
  if (!is_normal(design)) return "look at those rows; try a missing term";
  return fmt::format(
      "look at those rows; try {}{}", may_be_logged ? "log() of the response, or " : "",
      design.groupings.empty() ? "a missing term" : "--model group_variance, or a missing term");
}

}  // namespace

std::vector<Quantity> quantities_of(const Replicated& replicated) {
  using enum Statistic;
  switch (replicated.kind) {
    case ResponseKind::real:
    case ResponseKind::positive:
    case ResponseKind::proportion:
      break;
    case ResponseKind::nonnegative:
      return {quantity(mean, "mean", true), quantity(sd, "standard deviation"),
              quantity(zeros, "share of zeros", false, "share of zeros in the values"),
              quantity(greatest, "greatest", false, "greatest value"),
              quantity(skewness, "skewness")};
    case ResponseKind::binary:
      return {quantity(mean, "share of 1", true, "share of 1 in the values")};
    case ResponseKind::successes:
      return {quantity(mean, "mean share", true),
              quantity(sd, "sd of shares", false, "standard deviation of the shares"),
              quantity(zeros, "none", false, "proportion of rows without a success"),
              quantity(full, "all", false, "proportion of rows without a failure")};
    case ResponseKind::count:
      return {quantity(mean, "mean", true),
              quantity(dispersion, "variance / mean", false, "variance over mean"),
              quantity(zeros, "share of zeros", false, "share of zeros in the values"),
              quantity(greatest, "greatest", false, "greatest value")};
    case ResponseKind::category: {
      std::vector<Quantity> all;
      for (std::size_t k = 0; k < replicated.labels.size(); ++k) {
        all.push_back({mean, "share of " + replicated.labels[k],
                       fmt::format("share of {} in the values", replicated.labels[k]), false,
                       [k](const Shape& shape) { return shape.count(k) / shape.rows(); }});
      }
      return all;
    }
  }
  return {quantity(mean, "mean", true), quantity(sd, "standard deviation", true),
          quantity(least, "least", false, "least value"),
          quantity(greatest, "greatest", false, "greatest value"), quantity(skewness, "skewness")};
}

std::string like_in(ResponseKind kind) {
  switch (kind) {
    case ResponseKind::nonnegative:
      return "mean, standard deviation, share of zeros, greatest value and skewness";
    case ResponseKind::binary:
      return "the share of 1";
    case ResponseKind::successes:
      return "the mean and standard deviation of shares, and in how many are 0 or 1";
    case ResponseKind::count:
      return "mean, variance over mean, share of zeros and greatest value";
    case ResponseKind::category:
      return "the share of every category";
    case ResponseKind::real:
    case ResponseKind::positive:
    case ResponseKind::proportion:
      break;
  }
  return "mean, standard deviation, extremes and skewness";
}

std::string advice(const Quantity& quantity, bool data_greater, const Replicated& replicated,
                   const Design& design) {
  const bool may_be_logged = is_normal(design) && replicated.data.of(Statistic::least) > 0;
  switch (quantity.statistic) {
    case Statistic::mean:
      if (replicated.kind == ResponseKind::category) return shape_advice(design);
      return "the intercept's prior may be too narrow (tarn priors)";
    case Statistic::sd:
      if (replicated.kind == ResponseKind::successes) return width_advice(design);
      return is_normal(design)
                 ? "look at the priors of sigma and sd (tarn priors), and for a missing term"
                 : "look at the priors (tarn priors), and for a missing term";
    case Statistic::skewness:
      if (!is_normal(design)) return shape_advice(design);
      if (may_be_logged && data_greater) return "try log() of the response";
      return "a transformed response (sqrt, log, exp) may be nearer to normal";
    case Statistic::dispersion:
      return data_greater ? count_advice(design, false)
                          : "the counts vary less than " + design.family_name +
                                " makes them; look at its page for what it assumes";
    case Statistic::zeros:
      if (replicated.kind == ResponseKind::successes) return width_advice(design);
      return data_greater && replicated.kind == ResponseKind::count
                 ? count_advice(design, true)
                 : "look for a term that tells rows with zeros from others";
    case Statistic::full:
      return width_advice(design);
    case Statistic::greatest:
      if (replicated.kind == ResponseKind::count && data_greater) {
        return "look at those rows; " + count_advice(design, false);
      }
      return extreme_advice(true, data_greater, may_be_logged, design);
    case Statistic::least:
      return extreme_advice(false, data_greater, may_be_logged, design);
  }
  return {};
}

std::string spread_advice(const Design& design, const std::string& grouping) {
  if (is_normal(design)) {
    return "the groups' residual standard deviations differ, or their slopes do; try --model "
           "group_variance, or (1 + x | " +
           grouping + ")";
  }
  return "some groups vary more than others with their mean do, or slopes differ; try (1 + x | " +
         grouping + "), or another family";
}

std::string shape_advice(const Design& design) {
  return is_normal(design) ? "a transformed response or a missing term may fit better"
                           : "another family or link, or a missing term, may fit better";
}

std::string width_advice(const Design& design) {
  switch (tarn::kind_of(*design.family)) {
    case ResponseKind::count:
      return count_advice(design, false);
    case ResponseKind::successes:
      return "try a missing term, or an effect for each row: (1 | row)";
    default:
      return is_normal(design) ? "try a transformed response, a missing term, or --model "
                                 "group_variance"
                               : "try another family or link, or a missing term";
  }
}

}  // namespace tarn::predictive_check
