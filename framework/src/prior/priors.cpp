// Declared parameters, met with the priors that users state.
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include <fmt/format.h>

#include "prior/support.hpp"
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

}  // namespace

std::string ParameterPrior::text() const {
  return fmt::format("{}{} ~ {}", key(), on_square ? "^2" : "", density.text());
}

double ParameterPrior::log_density(double x) const {
  if (!on_square) return density.log_density(x);
  return density.log_density(x * x) + std::log(2 * x);  // |d x^2 / d x| = 2 x
}

double ParameterPrior::score(double x) const {
  if (!on_square) return density.score(x);
  return 2 * x * density.score(x * x) + 1 / x;
}

double ParameterPrior::draw(Rng& rng) const {
  const double x = density.draw(rng);
  return on_square ? std::sqrt(x) : x;
}

std::optional<std::array<double, 2>> ParameterPrior::conjugate() const {
  if (!density.proper()) return std::array{on_square ? -1.0 : -0.5, 0.0};
  return on_square ? density.inverse_gamma() : std::nullopt;
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

const ParameterPrior* Priors::find(const Subject& subject) const noexcept {
  const auto found = std::ranges::find_if(priors_, [&](const ParameterPrior& prior) {
    return prior.parameter.subject == subject && subject.kind != Subject::Kind::other;
  });
  return found == priors_.end() ? nullptr : &*found;
}

const ParameterPrior& Priors::of(std::string_view key) const {
  if (const ParameterPrior* prior = find(key)) return *prior;
  throw PluginError(
      fmt::format("a model asked for the prior of '{}', which it does not declare", key));
}

const ParameterPrior& Priors::of(const Subject& subject) const {
  if (const ParameterPrior* prior = find(subject)) return *prior;
  constexpr std::array<std::string_view, 7> kinds{
      "something that has no kind",    "a coefficient",
      "a residual standard deviation", "a standard deviation of group effects",
      "correlations of group effects", "a covariance of group effects",
      "cuts between categories"};
  std::string what{kinds[static_cast<std::size_t>(subject.kind)]};
  if (!subject.name.empty()) what += fmt::format(", '{}'", subject.name);
  if (!subject.grouping.empty()) what += fmt::format(", of '{}'", subject.grouping);
  if (!subject.parameter.empty()) what += fmt::format(", of {}", subject.parameter);
  throw PluginError(
      fmt::format("a model asked for the prior of {}, which it does not declare", what));
}

bool Priors::proper() const noexcept {
  return std::ranges::all_of(priors_,
                             [](const ParameterPrior& prior) { return prior.density.proper(); });
}

}  // namespace tarn
