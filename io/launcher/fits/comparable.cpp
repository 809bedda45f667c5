// What must be the same where predictive densities are compared.
#include "fits/comparable.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "command_line/terminal.hpp"
#include "report/numbers.hpp"
#include "tarn/index.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t rows_at_once = 16'384;

std::string name_of(const LoadedFit& fit) { return "'" + fit.path().string() + "'"; }

[[noreturn]] void refuse(const LoadedFit& a, const LoadedFit& b, const std::string& why) {
  throw InputError(
      fmt::format("{} and {} cannot be compared: {}; only fits of the same "
                  "observations can, so fit both to the same rows",
                  name_of(a), name_of(b), why));
}

void check_rows(const LoadedFit& a, const LoadedFit& b) {
  const auto& in_a = a.model()->row_numbers;
  const auto& in_b = b.model()->row_numbers;
  const auto [at_a, at_b] = std::ranges::mismatch(in_a, in_b);
  if (at_a == in_a.end() && at_b == in_b.end()) return;
  const bool only_a = at_b == in_b.end() || (at_a != in_a.end() && *at_a < *at_b);
  refuse(
      a, b,
      fmt::format("other rows were used, {} and {}: row {} only by {}", grouped(in_a.size()),
                  count_of(in_b.size(), "row"), only_a ? *at_a : *at_b, name_of(only_a ? a : b)));
}

/// Response and weights, row by row.
void check_values(const LoadedFit& a, const LoadedFit& b) {
  const Design& of_a = a.design();
  const Design& of_b = b.design();
  if (of_a.response != of_b.response) {
    refuse(a, b, fmt::format("the response is {} and {}", of_a.response, of_b.response));
  }
  const Vector& y_a = a.data().observed;
  const Vector& y_b = b.data().observed;
  for (Eigen::Index i = 0; i < y_a.size(); ++i) {
    if (y_a[i] == y_b[i]) continue;
    refuse(a, b,
           fmt::format("{} of row {} is {} and {}", of_a.response,
                       a.model()->row_numbers[as_size(i)], y_a[i], y_b[i]));
  }
  Rows rows_b;
  for_each_block(*of_a.rows, rows_at_once, [&](const Rows& rows_a) {
    of_b.rows->read(rows_a.first, rows_a.count(), rows_b);
    if (rows_a.frequency != rows_b.frequency) refuse(a, b, "the rows have other weights");
  });
}

/// The rows of a design, with one more grouping.
class LevelledRows final : public RowSource {
 public:
  LevelledRows(std::shared_ptr<const RowSource> rows, std::vector<std::int32_t> levels)
      : rows_(std::move(rows)), levels_(std::move(levels)) {}

  std::size_t count() const noexcept override { return rows_->count(); }

  void read(std::size_t first, std::size_t count, Rows& into) const override {
    rows_->read(first, count, into);
    const auto begin = levels_.begin() + as_index(first);
    into.level.emplace_back(begin, begin + as_index(count));
  }

 private:
  std::shared_ptr<const RowSource> rows_;
  std::vector<std::int32_t> levels_;
};

const Grouping* find_grouping(const Design& design, const std::string& name) {
  const auto found = std::ranges::find(design.groupings, name, &Grouping::name);
  return found == design.groupings.end() ? nullptr : &*found;
}

std::vector<std::int32_t> levels_of(const Design& design, const Grouping& grouping) {
  const auto g = as_size(&grouping - design.groupings.data());
  std::vector<std::int32_t> levels;
  for_each_block(*design.rows, rows_at_once, [&](const Rows& rows) {
    levels.insert(levels.end(), rows.level[g].begin(), rows.level[g].end());
  });
  return levels;
}

Design with_grouping(const LoadedFit& fit, const LoadedFit& donor, const std::string& name) {
  const Grouping& theirs = *find_grouping(donor.design(), name);
  if (const Grouping* own = find_grouping(fit.design(), name)) {
    if (own->levels != theirs.levels ||
        levels_of(fit.design(), *own) != levels_of(donor.design(), theirs)) {
      refuse(fit, donor, "the levels of " + name + " differ");
    }
    return fit.design();
  }
  Design design = fit.design().with_rows(
      std::make_shared<LevelledRows>(fit.design().rows, levels_of(donor.design(), theirs)));
  design.groupings.push_back(theirs);
  return design;
}

}  // namespace

void check_comparable(const std::vector<std::unique_ptr<LoadedFit>>& fits) {
  const LoadedFit& first = *fits.front();
  for (std::size_t k = 1; k < fits.size(); ++k) {
    const LoadedFit& other = *fits[k];
    check_rows(first, other);
    check_values(first, other);
    if (first.file().attribute("tarn_data_sha256") == other.file().attribute("tarn_data_sha256")) {
      continue;
    }
    warn(
        fmt::format("the data files of {} and {} differ (sha256), but rows and responses are the "
                    "same",
                    name_of(first), name_of(other)));
  }
}

std::string shared_grouping(const std::vector<std::unique_ptr<LoadedFit>>& fits,
                            const std::string& given) {
  std::vector<std::string> names;
  for (const auto& fit : fits) {
    for (const Grouping& grouping : fit->design().groupings) {
      if (std::ranges::find(names, grouping.name) == names.end()) names.push_back(grouping.name);
    }
  }
  if (names.empty()) {
    throw InputError(
        "leave-one-group-out needs groups, and no fit has a grouping factor; use --criterion loo");
  }
  if (given.empty() && names.size() == 1) return names.front();
  if (given.empty()) {
    throw UsageError(
        fmt::format("say whose groups are left out: --group NAME, one of {}", list_of(names)));
  }
  if (std::ranges::find(names, given) == names.end()) {
    throw UsageError(fmt::format("no fit has a grouping factor '{}'; {}there is {}", given,
                                 did_you_mean(given, names), list_of(names)));
  }
  return given;
}

Grouped::Grouped(const LoadedFit& fit, const LoadedFit& donor, const std::string& grouping)
    : design_(with_grouping(fit, donor, grouping)),
      model_{fit.model()->type, design_, fit.model()->priors, fit.model()->row_numbers,
             fit.model()->make} {}

}  // namespace tarn::launcher
