// The densities that users write.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include <fmt/format.h>

#include "tarn/distributions.hpp"
#include "tarn/error.hpp"
#include "tarn/prior.hpp"
#include "tarn/text.hpp"

namespace tarn {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct FamilyInfo {
  Density::Family family;
  const char* name;
  const char* arguments;  // as shown to users
  std::size_t count;
};

constexpr std::array<FamilyInfo, 14> families{{
    {Density::Family::normal, "normal", "mean, sd", 2},
    {Density::Family::student_t, "student_t", "degrees of freedom, location, scale", 3},
    {Density::Family::cauchy, "cauchy", "location, scale", 2},
    {Density::Family::half_normal, "half_normal", "scale", 1},
    {Density::Family::half_student_t, "half_student_t", "degrees of freedom, 0, scale", 3},
    {Density::Family::half_cauchy, "half_cauchy", "scale", 1},
    {Density::Family::exponential, "exponential", "rate", 1},
    {Density::Family::gamma, "gamma", "shape, rate", 2},
    {Density::Family::inv_gamma, "inv_gamma", "shape, scale", 2},
    {Density::Family::uniform, "uniform", "lower, upper", 2},
    {Density::Family::lkj, "lkj", "eta", 1},
    {Density::Family::inv_wishart, "inv_wishart", "degrees of freedom, s", 2},
    {Density::Family::flat, "flat", "", 0},
    {Density::Family::scaled_normal, "scaled_normal", "mean, multiple of sigma", 2},
}};

const FamilyInfo& info(Density::Family family) {
  return families[static_cast<std::size_t>(family)];
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

/// The texts between commas; none for an empty list.
std::vector<std::string_view> split(std::string_view list) {
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
std::string wrong(Density::Family family, const std::array<double, 3>& a) {
  switch (family) {
    case Density::Family::normal:
    case Density::Family::cauchy:
    case Density::Family::scaled_normal:
      return a[1] > 0 ? "" : "its scale must be positive";
    case Density::Family::student_t:
      return a[0] > 0 && a[2] > 0 ? "" : "its degrees of freedom and scale must be positive";
    case Density::Family::half_student_t:
      if (a[1] != 0) return "a half density starts at 0: its second argument must be 0";
      return a[0] > 0 && a[2] > 0 ? "" : "its degrees of freedom and scale must be positive";
    case Density::Family::half_normal:
    case Density::Family::half_cauchy:
      return a[0] > 0 ? "" : "its scale must be positive";
    case Density::Family::exponential:
      return a[0] > 0 ? "" : "its rate must be positive";
    case Density::Family::gamma:
      return a[0] > 0 && a[1] > 0 ? "" : "its shape and rate must be positive";
    case Density::Family::inv_gamma:
      return a[0] > 0 && a[1] > 0 ? "" : "its shape and scale must be positive";
    case Density::Family::uniform:
      return a[0] < a[1] ? "" : "its lower end must be below its upper end";
    case Density::Family::lkj:
      return a[0] > 0 ? "" : "its eta must be positive";
    case Density::Family::inv_wishart:
      return a[0] > 0 && a[1] > 0 ? "" : "its degrees of freedom and s must be positive";
    case Density::Family::flat:
      return "";
  }
  return "";
}

double student_t_log_density(double x, double nu, double location, double scale) {
  const double z = (x - location) / scale;
  return log_gamma((nu + 1) / 2) - log_gamma(nu / 2) - 0.5 * std::log(nu * std::numbers::pi) -
         std::log(scale) - (nu + 1) / 2 * std::log1p(z * z / nu);
}

double student_t_score(double x, double nu, double location, double scale) {
  const double d = x - location;
  return -(nu + 1) * d / (nu * scale * scale + d * d);
}

double student_t_draw(double nu, Rng& rng) {
  const double z = rng.normal();
  return z / std::sqrt(rng.chi_squared(nu) / nu);
}

}  // namespace

Density Density::parse(std::string_view text) {
  const std::string_view whole = trimmed(text);
  const std::size_t open = whole.find('(');
  const std::string_view name = trimmed(whole.substr(0, open));
  const auto found =
      std::ranges::find_if(families, [&](const FamilyInfo& f) { return name == f.name; });
  if (found == families.end()) {
    std::vector<std::string> names;
    for (const FamilyInfo& f : families) names.emplace_back(f.name);
    throw InputError(fmt::format("prior '{}': there is no density '{}'; {}densities are {}", whole,
                                 name, did_you_mean(name, names), list_of(names, 20)));
  }
  if (open == whole.npos || whole.back() != ')') {
    throw InputError(fmt::format("prior '{}': write {}({})", whole, found->name, found->arguments));
  }
  const auto arguments = split(whole.substr(open + 1, whole.size() - open - 2));
  if (arguments.size() != found->count) {
    throw InputError(fmt::format("prior '{}': {} takes {} argument{}: {}({})", whole, found->name,
                                 found->count, found->count == 1 ? "" : "s", found->name,
                                 found->arguments));
  }
  Density density;
  density.family_ = found->family;
  for (std::size_t k = 0; k < arguments.size(); ++k) {
    density.arguments_[k] = number(arguments[k], whole);
  }
  if (const std::string reason = wrong(density.family_, density.arguments_); !reason.empty()) {
    throw InputError(fmt::format("prior '{}': {}", whole, reason));
  }
  return density;
}

std::string Density::text() const {
  const FamilyInfo& family = info(family_);
  std::string arguments;
  for (std::size_t k = 0; k < family.count; ++k) {
    arguments += fmt::format("{}{}", k == 0 ? "" : ", ", arguments_[k]);
  }
  return fmt::format("{}({})", family.name, arguments);
}

Support Density::support() const noexcept {
  if (family_ == Density::Family::lkj) return Support::correlation;
  if (family_ == Density::Family::inv_wishart) return Support::covariance;
  return lower() >= 0 ? Support::positive : Support::real;
}

double Density::lower() const noexcept {
  switch (family_) {
    case Density::Family::half_normal:
    case Density::Family::half_student_t:
    case Density::Family::half_cauchy:
    case Density::Family::exponential:
    case Density::Family::gamma:
    case Density::Family::inv_gamma:
      return 0;
    case Density::Family::uniform:
      return arguments_[0];
    default:
      return -infinity;
  }
}

double Density::upper() const noexcept {
  return family_ == Density::Family::uniform ? arguments_[1] : infinity;
}

double Density::log_density(double x) const noexcept {
  if (!(x >= lower() && x <= upper())) return -infinity;
  const auto& a = arguments_;
  const double log2 = std::numbers::ln2;
  switch (family_) {
    case Density::Family::normal:
      return normal_log_density(x, a[0], a[1]);
    case Density::Family::student_t:
      return student_t_log_density(x, a[0], a[1], a[2]);
    case Density::Family::cauchy:
      return student_t_log_density(x, 1, a[0], a[1]);
    case Density::Family::half_normal:
      return log2 + normal_log_density(x, 0, a[0]);
    case Density::Family::half_student_t:
      return log2 + student_t_log_density(x, a[0], 0, a[2]);
    case Density::Family::half_cauchy:
      return log2 + student_t_log_density(x, 1, 0, a[0]);
    case Density::Family::exponential:
      return std::log(a[0]) - a[0] * x;
    case Density::Family::gamma:
      return a[0] * std::log(a[1]) - log_gamma(a[0]) + (a[0] - 1) * std::log(x) - a[1] * x;
    case Density::Family::inv_gamma:
      return x > 0 ? inv_gamma_log_density(x, a[0], a[1]) : -infinity;
    case Density::Family::uniform:
      return -std::log(a[1] - a[0]);
    case Density::Family::flat:
      return 0;
    case Density::Family::lkj:
    case Density::Family::inv_wishart:
    case Density::Family::scaled_normal:
      break;  // not densities of one real variable on its own
  }
  return std::numeric_limits<double>::quiet_NaN();
}

double Density::score(double x) const noexcept {
  if (!(x >= lower() && x <= upper())) return 0;
  const auto& a = arguments_;
  switch (family_) {
    case Density::Family::normal:
      return (a[0] - x) / (a[1] * a[1]);
    case Density::Family::student_t:
      return student_t_score(x, a[0], a[1], a[2]);
    case Density::Family::cauchy:
      return student_t_score(x, 1, a[0], a[1]);
    case Density::Family::half_normal:
      return -x / (a[0] * a[0]);
    case Density::Family::half_student_t:
      return student_t_score(x, a[0], 0, a[2]);
    case Density::Family::half_cauchy:
      return student_t_score(x, 1, 0, a[0]);
    case Density::Family::exponential:
      return -a[0];
    case Density::Family::gamma:
      return (a[0] - 1) / x - a[1];
    case Density::Family::inv_gamma:
      return -(a[0] + 1) / x + a[1] / (x * x);
    case Density::Family::uniform:
    case Density::Family::flat:
      return 0;
    case Density::Family::lkj:
    case Density::Family::inv_wishart:
    case Density::Family::scaled_normal:
      break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

double Density::draw(Rng& rng) const {
  const auto& a = arguments_;
  switch (family_) {
    case Density::Family::normal:
      return a[0] + a[1] * rng.normal();
    case Density::Family::student_t:
      return a[1] + a[2] * student_t_draw(a[0], rng);
    case Density::Family::cauchy:
      return a[0] + a[1] * student_t_draw(1, rng);
    case Density::Family::half_normal:
      return a[0] * std::abs(rng.normal());
    case Density::Family::half_student_t:
      return a[2] * std::abs(student_t_draw(a[0], rng));
    case Density::Family::half_cauchy:
      return a[0] * std::abs(student_t_draw(1, rng));
    case Density::Family::exponential:
      return rng.exponential() / a[0];
    case Density::Family::gamma:
      return rng.gamma(a[0]) / a[1];
    case Density::Family::inv_gamma:
      return rng.inv_gamma(a[0], a[1]);
    case Density::Family::uniform:
      return a[0] + (a[1] - a[0]) * rng.uniform();
    case Density::Family::flat:
    case Density::Family::lkj:
    case Density::Family::inv_wishart:
    case Density::Family::scaled_normal:
      break;
  }
  throw InputError(
      fmt::format("no draw can be made from the prior {} of one parameter; give a "
                  "proper prior to simulate from it",
                  text()));
}

}  // namespace tarn
