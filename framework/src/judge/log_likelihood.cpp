// Log likelihoods by blocks of rows: a model reads a draw once for a whole block.
#include "tarn/log_likelihood.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>

#include "tarn/parallel_for.hpp"

namespace tarn {
namespace {

constexpr std::size_t block_values = std::size_t{128'000'000} / sizeof(double);
constexpr std::size_t rows_at_once = 16'384;
constexpr Eigen::Index cache_line = 8;  // units whose values share a line of the cache

/// The level of every row.
std::vector<std::int32_t> levels_of(const RowSource& source, std::size_t grouping) {
  std::vector<std::int32_t> levels;
  Rows rows;
  for (std::size_t first = 0; first < source.count(); first += rows_at_once) {
    source.read(first, std::min(rows_at_once, source.count() - first), rows);
    levels.insert(levels.end(), rows.level[grouping].begin(), rows.level[grouping].end());
  }
  return levels;
}

/// Rows in the order of their levels; begin[j] is the first of level j.
struct Sorted {
  std::vector<std::size_t> rows;
  std::vector<std::size_t> begin;
};

Sorted sorted_by_level(const std::vector<std::int32_t>& levels, std::size_t count) {
  Sorted sorted{std::vector<std::size_t>(levels.size()), std::vector<std::size_t>(count + 1, 0)};
  for (const std::int32_t level : levels) ++sorted.begin[as_size(level) + 1];
  for (std::size_t j = 0; j < count; ++j) sorted.begin[j + 1] += sorted.begin[j];
  std::vector<std::size_t> next = sorted.begin;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    sorted.rows[next[as_size(levels[i])]++] = i;
  }
  return sorted;
}

/// The sum over the rows of each level; rows of a level are side by side.
void sum_by_level(const std::vector<std::int32_t>& level, ConstVectorRef by_row,
                  VectorRef by_level) {
  Eigen::Index at = -1;
  for (std::size_t i = 0; i < level.size(); ++i) {
    if (i == 0 || level[i] != level[i - 1]) by_level[++at] = 0;
    by_level[at] += by_row[as_index(i)];
  }
}

/// How many of the numbers below `count` are multiples of `step`.
constexpr std::size_t steps_in(std::size_t count, std::size_t step) {
  return (count + step - 1) / step;
}

/// Levels from `next` on, as far as `more(rows so far, with this level)` says; those without rows
/// are passed over.
template <class More>
std::vector<std::size_t> next_levels(const Sorted& sorted, std::size_t& next, const More& more) {
  std::vector<std::size_t> levels;
  const std::size_t first = sorted.begin[next];
  for (; next + 1 < sorted.begin.size(); ++next) {
    const std::size_t end = sorted.begin[next + 1];
    if (!levels.empty() && !more(levels.size(), end - first)) break;
    if (end > sorted.begin[next]) levels.push_back(next);
  }
  return levels;
}

}  // namespace

LogLikelihood::LogLikelihood(const Fit& fit, double kept_bytes)
    : fit_(fit), draws_(fit.posterior, kept_bytes) {
  for (std::size_t t = 0; t < std::max<std::size_t>(1, fit.threads); ++t) {
    models_.push_back(fit.model->make());
  }
}

std::size_t LogLikelihood::units_at_once() const {
  const std::size_t total = fit_.posterior.chains() * fit_.posterior.draws();
  // Where draws must be read again for each block, fewer and larger blocks.
  const std::size_t values = draws_.held() ? block_values : 4 * block_values;
  return std::clamp<std::size_t>(values / std::max<std::size_t>(total, 1), 1, rows_at_once);
}

void LogLikelihood::fill(std::size_t units, const Evaluate& evaluate, std::size_t step) {
  const std::size_t each = steps_in(fit_.posterior.draws(), step);
  block_.resize(as_index(units), as_index(fit_.posterior.chains() * each));
  draws_.visit(threads(), [&](const DrawRun& run, ConstMatrixRef thetas, std::size_t thread) {
    const std::size_t end = run.first + run.count;
    for (std::size_t s = steps_in(run.first, step) * step; s < end; s += step) {
      evaluate(*models_[thread], thetas.col(as_index(s - run.first)),
               block_.col(as_index(run.chain * each + s / step)));
    }
  });
}

void LogLikelihood::fill_rows(std::size_t first, std::size_t count) {
  fit_.model->design.rows->read(first, count, rows_);
  fill(count, [&](Model& model, ConstVectorRef theta, VectorRef by_row) {
    query<PointwiseLogLikelihood>(model)->log_likelihood(theta, rows_, by_row);
  });
}

void LogLikelihood::visit_units(const std::vector<std::size_t>& units, const Visit& visit) const {
  struct Line {
    Matrix by_draw;
    Eigen::ArrayXd unit;
  };
  const auto count = as_index(units.size());
  std::vector<Line> scratch(threads());
  const auto lines = as_size((count + cache_line - 1) / cache_line);
  parallel_for(lines, threads(), [&](std::size_t part, std::size_t thread) {
    const Eigen::Index first = as_index(part) * cache_line;
    const Eigen::Index size = std::min(cache_line, count - first);
    auto& [by_draw, unit] = scratch[thread];
    by_draw = block_.middleRows(first, size).transpose();
    for (Eigen::Index k = 0; k < size; ++k) {
      unit = by_draw.col(k);
      visit(thread, units[as_size(first + k)], unit);
    }
  });
}

void LogLikelihood::row_blocks(
    const std::function<void(std::size_t first, ConstMatrixRef block)>& visit) {
  const std::size_t rows = fit_.model->design.rows->count();
  const std::size_t at_once = units_at_once();
  for (std::size_t first = 0; first < rows; first += at_once) {
    fill_rows(first, std::min(at_once, rows - first));
    visit(first, block_);
  }
}

void LogLikelihood::of_rows(const Visit& visit) {
  row_blocks([&](std::size_t first, ConstMatrixRef block) {
    std::vector<std::size_t> units(as_size(block.rows()));
    std::iota(units.begin(), units.end(), first);
    visit_units(units, visit);
  });
}

bool LogLikelihood::integrates(std::size_t grouping) {
  return query<GroupwiseLogLikelihood>(*models_.front()) != nullptr &&
         !fit_.model->design.terms_on(grouping).empty();
}

void LogLikelihood::of_levels(std::size_t grouping, const Visit& visit) {
  const Design& design = fit_.model->design;
  const std::size_t count = design.groupings[grouping].levels.size();
  const Sorted sorted = sorted_by_level(levels_of(*design.rows, grouping), count);
  const bool integrated = integrates(grouping);
  const std::size_t at_once = units_at_once();
  for (std::size_t next = 0; next < count;) {
    const std::size_t first = sorted.begin[next];
    const std::vector<std::size_t> units =
        next_levels(sorted, next, [&](std::size_t levels, std::size_t rows) {
          return levels < at_once && rows <= rows_at_once;
        });
    if (units.empty()) continue;
    const Rows rows =
        gathered(*design.rows, std::span(sorted.rows).subspan(first, sorted.begin[next] - first));
    fill(units.size(), [&](Model& model, ConstVectorRef theta, VectorRef by_level) {
      if (integrated) {
        query<GroupwiseLogLikelihood>(model)->log_likelihood_of_levels(theta, rows, grouping,
                                                                       by_level);
      } else {
        Vector by_row(rows.y.size());
        query<PointwiseLogLikelihood>(model)->log_likelihood(theta, rows, by_row);
        sum_by_level(rows.level[grouping], by_row, by_level);
      }
    });
    visit_units(units, visit);
  }
}

std::optional<LogLikelihood::GivenLevel> LogLikelihood::given_level() {
  // An integral takes some tenths of a microsecond or more: so many in some 15 s of processor time.
  constexpr double affordable = 4e7;
  constexpr double fewest = 100;  // draws: fewer tell nothing of a tail
  const Design& design = fit_.model->design;
  if (query<MarginalRowLogLikelihood>(*models_.front()) == nullptr || design.terms.empty()) {
    return std::nullopt;
  }
  GivenLevel given{design.terms.front().grouping, 1, fit_.posterior.draws()};
  std::vector<std::size_t> rows(design.groupings[given.grouping].levels.size(), 0);
  for (const std::int32_t level : levels_of(*design.rows, given.grouping)) ++rows[as_size(level)];
  // A level's rows are asked together, and a block holds them in all draws.
  const double most =
      std::max(fewest, std::min(affordable / static_cast<double>(design.rows->count()),
                                4.0 * block_values / static_cast<double>(std::ranges::max(rows))));
  const double all = static_cast<double>(fit_.posterior.chains() * fit_.posterior.draws());
  given.step = static_cast<std::size_t>(std::ceil(std::max(1.0, all / most)));
  given.draws = steps_in(given.draws, given.step);
  return given;
}

void LogLikelihood::of_rows(const GivenLevel& given, const Visit& visit) {
  const Design& design = fit_.model->design;
  const std::size_t g = given.grouping;
  const std::size_t count = design.groupings[g].levels.size();
  const Sorted sorted = sorted_by_level(levels_of(*design.rows, g), count);
  const std::size_t at_once = units_at_once() * given.step;
  for (std::size_t next = 0; next < count;) {
    const std::size_t first = sorted.begin[next];
    if (next_levels(sorted, next, [&](std::size_t, std::size_t rows) {
          return rows <= std::min(at_once, rows_at_once);
        }).empty()) {
      continue;
    }
    const auto units = std::span(sorted.rows).subspan(first, sorted.begin[next] - first);
    const Rows rows = gathered(*design.rows, units);
    fill(
        units.size(),
        [&](Model& model, ConstVectorRef theta, VectorRef by_row) {
          query<MarginalRowLogLikelihood>(model)->log_likelihood_given_level(theta, rows, g,
                                                                             by_row);
        },
        given.step);
    visit_units({units.begin(), units.end()}, visit);
  }
}

}  // namespace tarn
