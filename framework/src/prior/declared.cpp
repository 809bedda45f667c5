// The usual parameters of a model with coefficients and groups, with default priors.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tarn/design.hpp"
#include "tarn/family.hpp"
#include "tarn/prior.hpp"

namespace tarn {
namespace {

/// cor(g), and cov(g) in the place of it and the sds. Terms on one factor share them.
void add_correlation(const std::string& g, const std::vector<std::string>& columns,
                     std::vector<Parameter>& parameters) {
  const auto named = [&](const std::string& kind) {
    return std::ranges::find_if(parameters, [name = fmt::format("{}({})", kind, g)](
                                                const Parameter& p) { return p.keys[0] == name; });
  };
  if (named("cor") == parameters.end()) {
    Parameter cor;
    cor.keys = {fmt::format("cor({})", g)};
    cor.support = Support::correlation;
    cor.default_prior = "lkj(1)";
    cor.reason = "uniform over correlation matrices";
    cor.subject = {Subject::Kind::group_correlation, {}, g};
    Parameter cov;
    cov.keys = {fmt::format("cov({})", g)};
    cov.support = Support::covariance;
    cov.instead_of = cor.keys;
    cov.subject = {Subject::Kind::group_covariance, {}, g};
    parameters.push_back(std::move(cor));
    parameters.push_back(std::move(cov));
  }
  for (const std::string& column : columns) {
    named("cov")->instead_of.push_back(fmt::format("sd({}, {})", g, column));
  }
}

/// How wide priors of the predictor's parts are, in words.
std::string width_reason(const Design& design) {
  switch (design.family->link()) {
    case Link::identity:
      return fmt::format("2.5 sd({})", design.family->predicts());
    case Link::probit:
      return "2.5 / 1.6";
    default:
      return "2.5";
  }
}

std::string rounded(double x) { return fmt::format("{}", std::stod(fmt::format("{:.4g}", x))); }

}  // namespace

std::vector<Parameter> coefficient_parameters(const Design& design) {
  std::vector<Parameter> parameters;
  const ColumnScale eta = predictor_scale(design);
  const bool identity = design.family->link() == Link::identity;
  const double wide = 2.5 * eta.sd;
  for (std::size_t k = 0; k < design.size(); ++k) {
    Parameter parameter;
    parameter.scalable = identity && !design.known_errors;
    if (design.has_intercept && k == 0) {
      parameter.keys = {"Intercept"};
      parameter.subject = {Subject::Kind::coefficient, "Intercept", {}};
      parameter.default_prior = fmt::format("normal({}, {})", rounded(eta.mean), rounded(wide));
      parameter.reason = identity ? fmt::format("mean({0}), 2.5 sd({0})", design.family->predicts())
                                  : "link of mean(y), " + width_reason(design);
    } else {
      const ColumnScale& x = design.column_scale[k];
      // A column without spread stands for a constant: its size takes the place of its spread.
      const double size = x.sd > 0 ? x.sd : std::abs(x.mean);
      parameter.keys = {"b[" + design.coefficients[k] + "]", "b"};
      parameter.subject = {Subject::Kind::coefficient, design.coefficients[k], {}};
      parameter.default_prior = fmt::format("normal(0, {})", rounded(wide / size));
      parameter.reason = width_reason(design) + " / sd(x)";
    }
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

std::vector<Parameter> residual_parameters(const Design& design) {
  if (design.known_errors) return {};
  Parameter sigma;
  sigma.keys = {"sigma"};
  sigma.subject.kind = Subject::Kind::residual_sd;
  sigma.support = Support::positive;
  sigma.square = true;
  sigma.default_prior =
      fmt::format("half_student_t(3, 0, {})", rounded(2.5 * predictor_scale(design).sd));
  sigma.reason = fmt::format("2.5 sd({})", design.family->predicts());
  return {sigma};
}

std::vector<Parameter> group_parameters(const Design& design) {
  std::vector<Parameter> parameters;
  const double wide = 2.5 * predictor_scale(design).sd;
  for (std::size_t t = 0; t < design.terms.size(); ++t) {
    const GroupTerm& term = design.terms[t];
    const std::string& g = design.groupings[term.grouping].name;
    for (std::size_t k = 0; k < term.columns.size(); ++k) {
      const double sd_x = design.group_column_scale[t][k].sd;
      const bool scaled = sd_x > 0;
      Parameter sd;
      sd.keys = {fmt::format("sd({}, {})", g, term.columns[k]), fmt::format("sd({})", g)};
      sd.subject = {Subject::Kind::group_sd, term.columns[k], g};
      sd.support = Support::positive;
      sd.square = true;
      sd.default_prior =
          fmt::format("half_student_t(3, 0, {})", rounded(wide / (scaled ? sd_x : 1)));
      sd.reason = width_reason(design) + (scaled ? " / sd(x)" : "");
      parameters.push_back(std::move(sd));
    }
    if (term.correlated && term.columns.size() > 1) add_correlation(g, term.columns, parameters);
  }
  return parameters;
}

}  // namespace tarn
