// One pass over the rows of a design.
#include "data/formula/matrix/measure.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "tarn/error.hpp"

namespace tarn::formula {
namespace {

constexpr std::size_t block_rows = 4096;

/// Moments of one column, run by run (Chan, Golub & LeVeque 1983).
class Tally {
 public:
  void add(const Eigen::Ref<const Eigen::ArrayXd>& values) {
    low_ = std::min(low_, values.minCoeff());
    high_ = std::max(high_, values.maxCoeff());
    const auto m = static_cast<double>(values.size());
    const double here = values.sum() / m;
    const double squares = (values - here).square().sum();
    const double step = here - mean_;
    squares_ += squares + step * step * n_ * m / (n_ + m);
    mean_ += step * m / (n_ + m);
    n_ += m;
  }

  bool is_finite() const noexcept { return std::isfinite(mean_) && std::isfinite(squares_); }

  Extent extent() const {
    return {{mean_, n_ > 1 ? std::sqrt(squares_ / (n_ - 1)) : 0}, low_, high_};
  }

 private:
  double n_ = 0;
  double mean_ = 0;
  double squares_ = 0;
  double low_ = std::numeric_limits<double>::infinity();
  double high_ = -std::numeric_limits<double>::infinity();
};

void ignore(std::size_t, std::span<const double>) {}

/// Throws for the first value that is not finite, expression by expression.
[[noreturn]] void name_the_infinite(const DesignRows& rows, const std::string& label) {
  for_each_run(rows.response, rows.frame, ignore);
  require_finite_columns(rows);
  throw InputError(fmt::format("'{}' is too large to compute with; rescale it", label));
}

void add(const Matrix& from, std::vector<Tally>& to) {
  for (std::size_t j = 0; j < to.size(); ++j) {
    to[j].add(from.col(static_cast<Eigen::Index>(j)).array());
  }
}

}  // namespace

bool Extent::is_constant() const noexcept {
  return low == high || scale.sd <= 1e-14 * std::max(std::abs(low), std::abs(high));
}

void require_finite_columns(const DesignRows& rows) {
  for (const Expression& offset : rows.offsets) for_each_run(offset, rows.frame, ignore);
  for (const Variable& variable : rows.variables) {
    for (const Expression* const expression : variable.expressions()) {
      for_each_run(*expression, rows.frame, ignore);
    }
  }
}

Measures measure(const DesignRows& rows) {
  std::vector<Tally> columns(rows.columns.size());
  std::vector<std::vector<Tally>> terms;
  for (const auto& term : rows.term_columns) terms.emplace_back(term.size());
  Tally response;
  for_each_block(rows, block_rows, [&](const Rows& block) {
    add(block.X, columns);
    for (std::size_t t = 0; t < terms.size(); ++t) add(block.Z[t], terms[t]);
    response.add(block.less_offset().array());
  });
  Measures measures;
  const auto finish = [&rows](const std::vector<Tally>& tallies,
                              const std::vector<ProductColumn>& products) {
    std::vector<Extent> extents;
    for (std::size_t j = 0; j < tallies.size(); ++j) {
      if (!tallies[j].is_finite()) name_the_infinite(rows, products[j].label);
      extents.push_back(tallies[j].extent());
    }
    return extents;
  };
  if (!response.is_finite()) name_the_infinite(rows, rows.response.text);
  measures.response = response.extent();
  measures.columns = finish(columns, rows.columns);
  for (std::size_t t = 0; t < terms.size(); ++t) {
    measures.terms.push_back(finish(terms[t], rows.term_columns[t]));
  }
  return measures;
}

}  // namespace tarn::formula
