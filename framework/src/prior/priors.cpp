// Declared parameters, met with the priors that users state.
#include <algorithm>
#include <cctype>
#include <cmath>

#include <fmt/format.h>

#include "tarn/design.hpp"
#include "tarn/error.hpp"
#include "tarn/family.hpp"
#include "tarn/prior.hpp"
#include "tarn/text.hpp"

namespace tarn {
namespace {

/// Keys are compared without blanks: `sd(g,x)` is `sd(g, x)`.
std::string without_blanks(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) result += c;
  }
  return result;
}

struct Statement {
  std::string text;  // as the user wrote it
  std::string key;   // without blanks and square
  bool square = false;
  Density density;
  bool used = false;
};

Statement read_statement(const std::string& text) {
  // Column names may hold a tilde, density texts never do: the last one separates.
  const std::size_t tilde = text.rfind('~');
  if (tilde == std::string::npos) {
    throw InputError(
        fmt::format("prior '{}': write KEY ~ DENSITY, for example 'sigma ~ half_normal(1)'", text));
  }
  Statement statement{text, without_blanks(text.substr(0, tilde)), false,
                      Density::parse(text.substr(tilde + 1))};
  if (statement.key.ends_with("^2")) {
    statement.key.resize(statement.key.size() - 2);
    statement.square = true;
  }
  return statement;
}

std::vector<std::string> valid_keys(const std::vector<Parameter>& declared) {
  std::vector<std::string> keys;
  const auto append = [&](const std::string& key) {
    if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
  };
  for (const Parameter& parameter : declared) {
    for (const std::string& key : parameter.keys) {
      append(key);
      if (parameter.square) append(key + "^2");
    }
  }
  return keys;
}

/// Why the density cannot be a prior of the parameter, or nothing.
std::optional<std::string> misfit(const Parameter& parameter, const Density& density) {
  if (density.family() == Density::Family::scaled_normal) {
    if (!parameter.scalable) {
      return fmt::format(
          "scaled_normal is for coefficients of models with a sigma; '{}' takes another density",
          parameter.keys.front());
    }
    return std::nullopt;
  }
  const bool flat = density.family() == Density::Family::flat;
  const bool wants_matrix =
      parameter.support == Support::correlation || parameter.support == Support::covariance;
  const bool is_matrix =
      density.support() == Support::correlation || density.support() == Support::covariance;
  if (is_matrix || (wants_matrix && !flat)) {
    if (density.support() != parameter.support) {
      return fmt::format("{} is a density of {}, but '{}' is {}", density.text(),
                         to_string(density.support()), parameter.keys.front(),
                         to_string(parameter.support));
    }
    return std::nullopt;
  }
  if (flat) return std::nullopt;
  if (parameter.support == Support::positive && density.lower() < 0) {
    return fmt::format(
        "{} reaches below zero, where '{}' cannot be; use half_normal, half_student_t, "
        "half_cauchy, exponential, gamma, inv_gamma or uniform",
        density.text(), parameter.keys.front());
  }
  if (parameter.support == Support::unit_interval && (density.lower() < 0 || density.upper() > 1)) {
    return fmt::format("{} reaches beyond 0 and 1, between which '{}' lies; use uniform",
                       density.text(), parameter.keys.front());
  }
  return std::nullopt;
}

/// Throws unless what the user said can be a prior of the parameter.
void check(const Parameter& parameter, const Statement& statement) {
  const auto refuse = [&](const std::string& why) {
    throw InputError(fmt::format("prior '{}': {}", statement.text, why));
  };
  if (statement.square && !parameter.square) {
    refuse(fmt::format("'{}' takes no prior on its square", parameter.keys.front()));
  }
  if (const auto why = misfit(parameter, statement.density)) refuse(*why);
}

/// The default, which is the model's own word: what is wrong with it is a fault of its plugin.
Density standard_density(const Parameter& parameter) {
  const auto refuse = [&](const std::string& why) {
    throw PluginError(fmt::format(
        "the model's default prior '{} ~ {}' is wrong, which its author must mend: {}; until then "
        "give it a prior: --prior '{} ~ DENSITY'",
        parameter.keys.front(), parameter.default_prior, why, parameter.keys.front()));
  };
  Density density;
  try {
    density = Density::parse(parameter.default_prior);
  } catch (const InputError& error) {
    refuse(error.what());
  }
  if (const auto why = misfit(parameter, density)) refuse(*why);
  return density;
}

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
    Parameter cov;
    cov.keys = {fmt::format("cov({})", g)};
    cov.support = Support::covariance;
    cov.instead_of = cor.keys;
    parameters.push_back(std::move(cor));
    parameters.push_back(std::move(cov));
  }
  for (const std::string& column : columns) {
    named("cov")->instead_of.push_back(fmt::format("sd({}, {})", g, column));
  }
}

std::string rounded(double x) { return fmt::format("{}", std::stod(fmt::format("{:.4g}", x))); }

}  // namespace

std::string ParameterPrior::text() const {
  return fmt::format("{}{} ~ {}", key(), on_square ? "^2" : "", density.text());
}

double ParameterPrior::log_density(double x) const noexcept {
  if (!on_square) return density.log_density(x);
  return density.log_density(x * x) + std::log(2 * x);  // |d x^2 / d x| = 2 x
}

double ParameterPrior::score(double x) const noexcept {
  if (!on_square) return density.score(x);
  return 2 * x * density.score(x * x) + 1 / x;
}

double ParameterPrior::draw(Rng& rng) const {
  const double x = density.draw(rng);
  return on_square ? std::sqrt(x) : x;
}

std::optional<std::array<double, 2>> ParameterPrior::conjugate() const noexcept {
  if (density.family() == Density::Family::flat) return std::array{on_square ? -1.0 : -0.5, 0.0};
  if (!on_square || density.family() != Density::Family::inv_gamma) return std::nullopt;
  return std::array{density.argument(0), density.argument(1)};
}

Priors::Priors(std::vector<Parameter> declared, std::span<const std::string> given) {
  std::vector<Statement> statements;
  for (const std::string& text : given) {
    Statement statement = read_statement(text);
    const auto twice = std::ranges::find(statements, statement.key, &Statement::key);
    if (twice != statements.end()) {
      throw InputError(fmt::format("priors '{}' and '{}' are for the same parameter; give one",
                                   twice->text, text));
    }
    statements.push_back(std::move(statement));
  }

  for (Parameter& parameter : declared) {
    Statement* chosen = nullptr;
    for (const std::string& key : parameter.keys) {  // most specific first
      const auto match = std::ranges::find(statements, without_blanks(key), &Statement::key);
      if (match == statements.end()) continue;
      match->used = true;
      if (chosen == nullptr) chosen = &*match;
    }
    if (chosen == nullptr && !parameter.instead_of.empty()) continue;
    if (chosen == nullptr) {
      priors_.push_back(
          {parameter, standard_density(parameter), false, "default: " + parameter.reason});
    } else {
      check(parameter, *chosen);
      priors_.push_back({parameter, chosen->density, chosen->square, "given: " + chosen->text});
    }
  }

  replace_priors();

  for (const Statement& statement : statements) {
    if (statement.used) continue;
    const std::vector<std::string> keys = valid_keys(declared);
    throw InputError(fmt::format("prior '{}': the model has no parameter '{}'; {}valid keys are {}",
                                 statement.text, statement.key, did_you_mean(statement.key, keys),
                                 list_of(keys, 30)));
  }
}

void Priors::replace_priors() {
  std::vector<std::string> replaced;
  for (const ParameterPrior& prior : priors_) {
    for (const std::string& key : prior.parameter.instead_of) {
      const ParameterPrior* other = find(key);
      if (other != nullptr && !other->source.starts_with("default")) {
        throw InputError(fmt::format("prior '{}' already says all about '{}'; give one of the two",
                                     prior.text(), other->text()));
      }
      replaced.push_back(key);
    }
  }
  std::erase_if(priors_, [&](const ParameterPrior& prior) {
    return std::ranges::find(replaced, prior.key()) != replaced.end();
  });
}

const ParameterPrior* Priors::find(std::string_view key) const noexcept {
  const auto found = std::ranges::find_if(
      priors_, [&](const ParameterPrior& prior) { return prior.key() == key; });
  return found == priors_.end() ? nullptr : &*found;
}

const ParameterPrior& Priors::of(std::string_view key) const {
  if (const ParameterPrior* prior = find(key)) return *prior;
  throw PluginError(
      fmt::format("a model asked for the prior of '{}', which it does not declare", key));
}

bool Priors::proper() const noexcept {
  return std::ranges::all_of(priors_,
                             [](const ParameterPrior& prior) { return prior.density.proper(); });
}

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
      parameter.default_prior = fmt::format("normal({}, {})", rounded(eta.mean), rounded(wide));
      parameter.reason = identity ? "mean(y), 2.5 sd(y)" : "link of mean(y), 2.5";
    } else {
      const ColumnScale& x = design.column_scale[k];
      // A column without spread stands for a constant: its size takes the place of its spread.
      const double size = x.sd > 0 ? x.sd : std::abs(x.mean);
      parameter.keys = {"b[" + design.coefficients[k] + "]", "b"};
      parameter.default_prior = fmt::format("normal(0, {})", rounded(wide / size));
      parameter.reason = identity ? "2.5 sd(y) / sd(x)" : "2.5 / sd(x)";
    }
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

std::vector<Parameter> residual_parameters(const Design& design) {
  if (design.known_errors) return {};
  Parameter sigma;
  sigma.keys = {"sigma"};
  sigma.support = Support::positive;
  sigma.square = true;
  sigma.default_prior =
      fmt::format("half_student_t(3, 0, {})", rounded(2.5 * design.response_scale.sd));
  sigma.reason = "2.5 sd(y)";
  return {sigma};
}

std::vector<Parameter> group_parameters(const Design& design) {
  std::vector<Parameter> parameters;
  const double wide = 2.5 * predictor_scale(design).sd;
  const bool identity = design.family->link() == Link::identity;
  for (std::size_t t = 0; t < design.terms.size(); ++t) {
    const GroupTerm& term = design.terms[t];
    const std::string& g = design.groupings[term.grouping].name;
    for (std::size_t k = 0; k < term.columns.size(); ++k) {
      const double sd_x = design.group_column_scale[t][k].sd;
      const bool scaled = sd_x > 0;
      Parameter sd;
      sd.keys = {fmt::format("sd({}, {})", g, term.columns[k]), fmt::format("sd({})", g)};
      sd.support = Support::positive;
      sd.square = true;
      sd.default_prior =
          fmt::format("half_student_t(3, 0, {})", rounded(wide / (scaled ? sd_x : 1)));
      sd.reason = fmt::format("{}{}", identity ? "2.5 sd(y)" : "2.5", scaled ? " / sd(x)" : "");
      parameters.push_back(std::move(sd));
    }
    if (term.correlated && term.columns.size() > 1) add_correlation(g, term.columns, parameters);
  }
  return parameters;
}

}  // namespace tarn
