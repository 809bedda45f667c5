// The usual parameters of a model with coefficients and groups, with default priors.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tarn/design.hpp"
#include "tarn/error.hpp"
#include "tarn/family.hpp"
#include "tarn/prior.hpp"

namespace tarn {
namespace {

/// How wide priors are of what moves a predictor by its own size, and why.
struct Width {
  double wide;
  std::string reason;
};

/// cor(g), and cov(g) in the place of it and the sds. Terms on one factor share them.
void add_correlation(const PredictorDesign& design, const std::string& g,
                     const std::vector<std::string>& columns, std::vector<Parameter>& parameters) {
  const auto key = [&](std::string_view kind) {
    return fmt::format("{}({})", design.name(kind), g);
  };
  const auto named = [&](std::string_view kind) {
    return std::ranges::find_if(
        parameters, [name = key(kind)](const Parameter& p) { return p.keys[0] == name; });
  };
  if (named("cor") == parameters.end()) {
    Parameter cor;
    cor.keys = {key("cor")};
    cor.support = Support::correlation;
    cor.default_prior = "lkj(1)";
    cor.reason = "uniform over correlation matrices";
    cor.subject = {Subject::Kind::group_correlation, {}, g, design.parameter};
    Parameter cov;
    cov.keys = {key("cov")};
    cov.support = Support::covariance;
    cov.instead_of = cor.keys;
    cov.subject = {Subject::Kind::group_covariance, {}, g, design.parameter};
    parameters.push_back(std::move(cor));
    parameters.push_back(std::move(cov));
  }
  for (const std::string& column : columns) {
    named("cov")->instead_of.push_back(fmt::format("{}({}, {})", design.name("sd"), g, column));
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

std::vector<Parameter> group_parameters_of(const PredictorDesign& design, const Width& width) {
  std::vector<Parameter> parameters;
  for (std::size_t t = 0; t < design.terms.size(); ++t) {
    const GroupTerm& term = design.terms[t];
    const std::string& g = design.groupings[term.grouping].name;
    for (std::size_t k = 0; k < term.columns.size(); ++k) {
      const double sd_x = design.group_column_scale[t][k].sd;
      const bool scaled = sd_x > 0;
      Parameter sd;
      sd.keys = {fmt::format("{}({}, {})", design.name("sd"), g, term.columns[k]),
                 fmt::format("{}({})", design.name("sd"), g)};
      sd.subject = {Subject::Kind::group_sd, term.columns[k], g, design.parameter};
      sd.support = Support::positive;
      sd.square = true;
      sd.default_prior =
          fmt::format("half_student_t(3, 0, {})", rounded(width.wide / (scaled ? sd_x : 1)));
      sd.reason = width.reason + (scaled ? " / sd(x)" : "");
      parameters.push_back(std::move(sd));
    }
    if (term.correlated && term.columns.size() > 1) {
      add_correlation(design, g, term.columns, parameters);
    }
  }
  return parameters;
}

/// A column without spread stands for a constant: its size takes the place of its spread.
double size_of(const ColumnScale& x) { return x.sd > 0 ? x.sd : std::abs(x.mean); }

/// Where the predictor of a parameter lies before the data are seen.
struct Scale {
  std::string intercept;  // its prior
  std::string reason;
  Width width;           // of effects
  Width of_coefficient;  // without an intercept they carry the whole
};

Scale scale_of(const Design& design, const FamilyParameter& parameter) {
  switch (parameter_link(parameter.block.support)) {
    case Link::log: {
      // A residual sd has the units of the response. Effects multiply: by e or less as a rule.
      const bool of_response = parameter.prior.subject.kind == Subject::Kind::residual_sd;
      const double middle = of_response ? std::log(predictor_scale(design).sd) : 0;
      const std::string sd = fmt::format("log(sd({}))", design.family->predicts());
      return {fmt::format("student_t(3, {}, 2.5)", rounded(middle)),
              of_response ? sd + ", 2.5" : "2.5",
              {1, "1"},
              {1 + std::abs(middle), of_response ? "(1 + |" + sd + "|)" : "1"}};
    }
    case Link::logit:
      return {"logistic(0, 1)",
              fmt::format("{} uniform", parameter.block.name),
              {2.5, "2.5"},
              {2.5, "2.5"}};
    default:
      return {"student_t(3, 0, 2.5)", "2.5", {2.5, "2.5"}, {2.5, "2.5"}};
  }
}

std::vector<Parameter> coefficients_of(const PredictorDesign& design, const Scale& scale) {
  std::vector<Parameter> parameters;
  const std::string b = design.name("b");
  const Width& width = design.has_intercept ? scale.width : scale.of_coefficient;
  for (std::size_t k = 0; k < design.size(); ++k) {
    Parameter parameter;
    const std::string& column = design.coefficients[k];
    if (design.has_intercept && k == 0) {
      parameter.keys = {design.name("Intercept")};
      parameter.default_prior = scale.intercept;
      parameter.reason = scale.reason;
    } else {
      parameter.keys = {fmt::format("{}[{}]", b, column), b};
      parameter.default_prior =
          fmt::format("normal(0, {})", rounded(width.wide / size_of(design.column_scale[k])));
      parameter.reason = width.reason + " / sd(x)";
    }
    parameter.subject = {Subject::Kind::coefficient, column, {}, design.parameter};
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

}  // namespace

std::vector<Parameter> coefficient_parameters(const Design& design) {
  std::vector<Parameter> parameters;
  const ColumnScale eta = predictor_scale(design);
  const bool identity = design.family->link() == Link::identity;
  const double wide = 2.5 * eta.sd;
  for (std::size_t k = 0; k < design.size(); ++k) {
    Parameter parameter;
    parameter.scalable =
        identity && !design.known_errors && design.predictor_of("sigma") == nullptr;
    if (design.has_intercept && k == 0) {
      parameter.keys = {"Intercept"};
      parameter.subject = {Subject::Kind::coefficient, "Intercept", {}};
      parameter.default_prior = fmt::format("normal({}, {})", rounded(eta.mean), rounded(wide));
      parameter.reason = identity ? fmt::format("mean({0}), 2.5 sd({0})", design.family->predicts())
                                  : "link of mean(y), " + width_reason(design);
    } else {
      const double size = size_of(design.column_scale[k]);
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
  return group_parameters_of(design, {2.5 * predictor_scale(design).sd, width_reason(design)});
}

std::vector<Parameter> predictor_parameters(const Design& design) {
  std::vector<Parameter> all;
  const std::vector<FamilyParameter> declared = design.family->parameters(design);
  for (const PredictorDesign& predictor : design.predictors) {
    const auto found = std::ranges::find(declared, predictor.parameter,
                                         [](const FamilyParameter& p) { return p.block.name; });
    if (found == declared.end()) {
      throw PluginError(fmt::format("family '{}' has no parameter '{}', which has a predictor",
                                    design.family_name, predictor.parameter));
    }
    const Scale scale = scale_of(design, *found);
    for (Parameter& parameter : coefficients_of(predictor, scale)) {
      all.push_back(std::move(parameter));
    }
    for (Parameter& parameter : group_parameters_of(predictor, scale.width)) {
      all.push_back(std::move(parameter));
    }
  }
  return all;
}

}  // namespace tarn
