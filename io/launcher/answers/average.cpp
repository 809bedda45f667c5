// g-computation: every row of the data, at stated values of some columns.
#include "answers/average.hpp"

#include <algorithm>
#include <utility>

#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t most_block_bytes = std::size_t{32} << 20;
constexpr std::size_t most_block_rows = 32768;

Eigen::RowVectorXd weights_of(const Rows& rows, const std::vector<bool>& chosen) {
  Eigen::RowVectorXd weights = Eigen::RowVectorXd::Ones(rows.y.size());
  if (chosen.empty()) return weights;
  for (Eigen::Index i = 0; i < weights.size(); ++i) {
    weights[i] = chosen[rows.first + as_size(i)] ? 1 : 0;
  }
  return weights;
}

void add_predictor(PredictorRows& sum, const PredictorRows& more) {
  sum.X += more.X;
  if (sum.offset.size() > 0) sum.offset += more.offset;
  for (std::size_t t = 0; t < sum.Z.size(); ++t) sum.Z[t] += more.Z[t];
}

void add_to(Rows& sum, const Rows& more) {
  add_predictor(sum, more);
  for (std::size_t k = 0; k < sum.predictors.size(); ++k) {
    add_predictor(sum.predictors[k], more.predictors[k]);
  }
  if (sum.trials.size() > 0) sum.trials += more.trials;
  sum.weight += more.weight;
}

}  // namespace

Vector average_over(LinearDraws& draws, const RowSource& source, bool on_link,
                    const std::vector<bool>& chosen) {
  const std::size_t block = std::clamp<std::size_t>(
      most_block_bytes / (sizeof(double) * draws.draws()), 1, most_block_rows);
  Vector sum = Vector::Zero(as_index(draws.draws()));
  double total = 0;
  bool linear = on_link, known = on_link;
  Rows mean;
  for_each_block(source, linear ? most_block_rows : block, [&](Rows& rows) {
    if (!std::exchange(known, true)) linear = draws.is_linear(rows);
    const Eigen::RowVectorXd weights = weights_of(rows, chosen);
    const double here = weights.sum();
    if (here == 0) return;
    if (linear) {
      const Rows one = combined(rows, weights);
      if (total == 0) {
        mean = one;
      } else {
        add_to(mean, one);
      }
    } else {
      sum += draws.evaluate(rows) * weights.transpose();
    }
    total += here;
  });
  if (total == 0) throw InputError("there are no rows to average over");
  if (!linear) return sum / total;
  return draws.evaluate(combined(mean, Matrix::Constant(1, 1, 1 / total))).col(0);
}

std::shared_ptr<const Table> data_with(const LoadedFit& fit, const std::vector<GridAxis>& axes,
                                       const std::vector<std::size_t>& places) {
  auto table = std::make_shared<Table>(fit.data().table);
  for (std::size_t k = 0; k < axes.size(); ++k) {
    for (Column& column : table->columns) {
      if (column.name != axes[k].column) continue;
      if (!column.is_text) {
        std::ranges::fill(column.numbers, axes[k].numbers[places[k]]);
        continue;
      }
      column.levels = axes[k].texts;
      std::ranges::fill(column.codes, static_cast<std::int32_t>(places[k]));
    }
  }
  return table;
}

std::shared_ptr<const Table> data_moved(const LoadedFit& fit, const std::string& name, double by) {
  auto table = std::make_shared<Table>(fit.data().table);
  for (Column& column : table->columns) {
    if (column.name != name) continue;
    for (double& x : column.numbers) x += by;
  }
  return table;
}

std::vector<bool> rows_with(const LoadedFit& fit, const GridAxis& axis, std::size_t place) {
  const Table& table = fit.data().table;
  const Column& column = table.at(axis.column);
  std::vector<bool> chosen(table.rows);
  for (std::size_t i = 0; i < table.rows; ++i) {
    chosen[i] = column.is_text ? column.codes[i] >= 0 &&
                                     column.levels[as_size(column.codes[i])] == axis.texts[place]
                               : column.numbers[i] == axis.numbers[place];
  }
  return chosen;
}

}  // namespace tarn::launcher
