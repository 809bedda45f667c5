// Densities as texts, and what is asked of them beyond their value.
#include "tarn/density.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "prior/density_table.hpp"
#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

/// The texts between commas; none for an empty list.
std::vector<std::string_view> split_arguments(std::string_view list) {
  std::vector<std::string_view> parts;
  if (trimmed(list).empty()) return parts;
  for (std::size_t comma = list.find(','); comma != list.npos; comma = list.find(',')) {
    parts.push_back(trimmed(list.substr(0, comma)));
    list.remove_prefix(comma + 1);
  }
  parts.push_back(trimmed(list));
  return parts;
}

double number(std::string_view text, std::string_view whole) {
  const auto value = read_number<double>(text);
  if (!value || !std::isfinite(*value)) {
    throw InputError(fmt::format("prior '{}': '{}' is not a number", whole, text));
  }
  return *value;
}

/// What is wrong with the arguments, or nothing.
std::string wrong(const DensityType& type, DensityArguments a) {
  std::vector<std::string> positive;
  bool all = true;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const std::size_t column = std::min(k, type.arguments.size() - 1);
    if (!type.arguments[column].positive) continue;
    if (k == column) positive.push_back(type.arguments[k].name);
    all = all && a[k] > 0;
  }
  if (type.wrong != nullptr) {
    if (const char* const why = type.wrong(a)) return why;
  }
  if (all) return "";
  std::string names = positive.front();
  for (std::size_t k = 1; k < positive.size(); ++k) {
    names += (k + 1 == positive.size() ? " and " : ", ") + positive[k];
  }
  return fmt::format("its {} must be positive", names);
}

std::array<double, 2> ends_of(const DensityType& type, DensityArguments a) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (type.ends != nullptr) return type.ends(a);
  switch (type.support) {
    case Support::positive:
      return {0, infinity};
    case Support::unit_interval:
      return {0, 1};
    case Support::minus_one_to_one:
      return {-1, 1};
    default:
      return {-infinity, infinity};
  }
}

}  // namespace

Density::Density() : type_(find_density("flat")) {}

Density Density::parse(std::string_view text) {
  const std::string_view whole = trimmed(text);
  const std::size_t open = whole.find('(');
  const std::string_view name = trimmed(whole.substr(0, open));
  const DensityType* const type = find_density(name);
  if (type == nullptr) {
    const std::vector<std::string> names = density_names();
    throw InputError(fmt::format("prior '{}': there is no density '{}'; {}densities are {}", whole,
                                 name, did_you_mean(name, names), list_of(names, 30)));
  }
  if (open == whole.npos || whole.back() != ')') {
    throw InputError(fmt::format("prior '{}': write {}", whole, usage(*type)));
  }
  const auto arguments = split_arguments(whole.substr(open + 1, whole.size() - open - 2));
  const std::size_t count = type->arguments.size();
  if (type->repeats ? arguments.size() < count : arguments.size() != count) {
    throw InputError(fmt::format("prior '{}': {} takes {} argument{}{}: {}", whole, type->name,
                                 count, count == 1 ? "" : "s", type->repeats ? " or more" : "",
                                 usage(*type)));
  }
  Density density;
  density.type_ = type;
  for (const std::string_view argument : arguments) {
    density.arguments_.push_back(number(argument, whole));
  }
  if (const std::string reason = wrong(*type, density.arguments_); !reason.empty()) {
    throw InputError(fmt::format("prior '{}': {}", whole, reason));
  }
  const auto ends = ends_of(*type, density.arguments_);
  density.lower_ = ends[0];
  density.upper_ = ends[1];
  if (type->conjugacy.gaussian != nullptr) {
    const auto gaussian = type->conjugacy.gaussian(density.arguments_);
    density.location_ = gaussian[0];
    density.scale_ = gaussian[1];
  }
  return density;
}

std::string Density::text() const {
  std::string arguments;
  for (const double argument : arguments_) {
    arguments += fmt::format("{}{}", arguments.empty() ? "" : ", ", argument);
  }
  return fmt::format("{}({})", type_->name, arguments);
}

Support Density::support() const noexcept {
  if (type_->support != Support::real) return type_->support;
  return lower_ >= 0 ? Support::positive : Support::real;
}

bool Density::of_number() const noexcept {
  return type_->support != Support::simplex && type_->support != Support::correlation &&
         type_->support != Support::covariance;
}

double Density::draw(Rng& rng) const {
  if (type_->draw != nullptr) return type_->draw(arguments_, rng);
  throw InputError(
      fmt::format("no draw can be made from the prior {} of one parameter; give a "
                  "proper prior to simulate from it",
                  text()));
}

double Density::log_density_of(ConstMatrixRef x) const {
  if (!proper()) return 0;
  return type_->block.log_density != nullptr ? type_->block.log_density(x, arguments_)
                                             : std::numeric_limits<double>::quiet_NaN();
}

void Density::add_gradient_of(ConstMatrixRef x, MatrixRef gradient) const {
  if (type_->block.add_gradient != nullptr) type_->block.add_gradient(x, arguments_, gradient);
}

void Density::draw_block(MatrixRef x, Rng& rng) const {
  if (type_->block.draw != nullptr) return type_->block.draw(x, arguments_, rng);
  throw InputError(fmt::format(
      "no draw can be made from the prior {} of {}; give a proper prior to simulate from it",
      text(), x.cols() == 1 ? "a simplex" : "a matrix"));
}

std::string Density::misfit(Eigen::Index rows) const {
  return type_->block.refuses != nullptr ? type_->block.refuses(rows, arguments_) : "";
}

std::optional<double> Density::log_marginal(double x, Eigen::Index k, Eigen::Index rows) const {
  if (type_->block.log_marginal == nullptr) return std::nullopt;
  return type_->block.log_marginal(x, k, rows, arguments_);
}

bool Density::is_normal() const noexcept {
  return type_->conjugacy.gaussian != nullptr && type_->conjugacy.mixing == nullptr &&
         !type_->conjugacy.scales_with_sigma;
}

bool Density::scales_with_sigma() const noexcept { return type_->conjugacy.scales_with_sigma; }

bool Density::is_scale_mixture() const noexcept { return type_->conjugacy.mixing != nullptr; }

bool Density::is_conditionally_gaussian() const noexcept {
  return type_->conjugacy.gaussian != nullptr || !proper();
}

double Density::draw_mixing(double x, Rng& rng) const {
  return type_->conjugacy.mixing((x - location_) / scale_, arguments_, rng);
}

std::optional<std::array<double, 2>> Density::inverse_gamma() const {
  if (type_->conjugacy.inverse_gamma == nullptr) return std::nullopt;
  return type_->conjugacy.inverse_gamma(arguments_);
}

std::optional<std::array<double, 2>> Density::inverse_wishart() const {
  if (type_->conjugacy.inverse_wishart == nullptr) return std::nullopt;
  return type_->conjugacy.inverse_wishart(arguments_);
}

}  // namespace tarn
