// Evaluation of design rows, in runs that stay in the cache.
#include "data/formula/matrix/rows.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace tarn::formula {
namespace {

/// The variables of numbers, evaluated over one run of rows.
class Run {
 public:
  explicit Run(const DesignRows& source) : source_(source) {
    for (const Variable& variable : source.variables) {
      offsets_.push_back(size_);
      if (!variable.is_factor() && !is_in_place(variable)) size_ += variable.columns() * chunk_rows;
    }
    values_.resize(size_);
  }

  void move_to(std::size_t first, std::size_t count) {
    first_ = first;
    count_ = count;
    for (std::size_t v = 0; v < source_.variables.size(); ++v) {
      const Variable& variable = source_.variables[v];
      if (variable.is_factor() || is_in_place(variable)) continue;
      evaluate(variable, source_.frame, first, count, values_.data() + offsets_[v], chunk_rows);
    }
  }

  /// The column of a product, less `center`, to `out`.
  void write(const ProductColumn& column, double center, double* out) const {
    if (column.pieces.empty()) {
      std::fill_n(out, count_, 1.0);
      return;
    }
    write_first(column.pieces.front(), column.pieces.size() == 1 ? center : 0, out);
    if (column.pieces.size() == 1) return;
    for (std::size_t i = 1; i < column.pieces.size(); ++i) multiply(column.pieces[i], out);
    for (std::size_t i = 0; i < count_; ++i) out[i] -= center;
  }

 private:
  /// A plain column of which no row was dropped is read where it lies.
  bool is_in_place(const Variable& variable) const {
    return !variable.basis && !variable.polynomials &&
           variable.expression.op == Expression::Op::column && source_.frame.is_whole();
  }

  const double* numbers(const Piece& piece) const {
    const Variable& variable = source_.variables[piece.variable];
    if (is_in_place(variable)) return source_.frame.place(*variable.expression.column, first_);
    return values_.data() + offsets_[piece.variable] + piece.column * chunk_rows;
  }

  const std::int32_t* codes(const Piece& piece) const {
    return source_.variables[piece.variable].factor->codes.data() + first_;
  }

  void write_first(const Piece& piece, double center, double* out) const {
    if (piece.by_level.empty()) {
      const double* const x = numbers(piece);
      for (std::size_t i = 0; i < count_; ++i) out[i] = x[i] - center;
    } else {
      const std::int32_t* const code = codes(piece);
      for (std::size_t i = 0; i < count_; ++i) {
        out[i] = piece.by_level[static_cast<std::size_t>(code[i])] - center;
      }
    }
  }

  void multiply(const Piece& piece, double* out) const {
    if (piece.by_level.empty()) {
      const double* const x = numbers(piece);
      for (std::size_t i = 0; i < count_; ++i) out[i] *= x[i];
    } else {
      const std::int32_t* const code = codes(piece);
      for (std::size_t i = 0; i < count_; ++i) {
        out[i] *= piece.by_level[static_cast<std::size_t>(code[i])];
      }
    }
  }

  const DesignRows& source_;
  std::vector<std::size_t> offsets_;
  std::size_t size_ = 0;
  std::vector<double> values_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

void read_response(const DesignRows& source, std::size_t first, std::size_t count, double* y,
                   double* offset) {
  evaluate(source.response, source.frame, first, count, y);
  for (std::size_t i = 0; i < count && !source.no_response.empty(); ++i) {
    if (source.no_response[first + i] != 0) y[i] = std::numeric_limits<double>::quiet_NaN();
  }
  if (source.offsets.empty()) return;
  std::fill_n(offset, count, 0.0);
  std::array<double, chunk_rows> part;
  for (const Expression& expression : source.offsets) {
    evaluate(expression, source.frame, first, count, part.data());
    for (std::size_t i = 0; i < count; ++i) offset[i] += part[i];
  }
}

void read_weights(const DesignRows& source, std::size_t first, std::size_t count, double* frequency,
                  double* weight) {
  if (source.weights) {
    evaluate(*source.weights, source.frame, first, count, frequency);
  } else {
    std::fill_n(frequency, count, 1.0);
  }
  std::copy_n(frequency, count, weight);
  if (!source.errors) return;
  std::array<double, chunk_rows> error;
  evaluate(*source.errors, source.frame, first, count, error.data());
  for (std::size_t i = 0; i < count; ++i) weight[i] /= error[i] * error[i];
}

}  // namespace

void DesignRows::read(std::size_t first, std::size_t count, Rows& into) const {
  const auto n = static_cast<Eigen::Index>(count);
  into.first = first;
  into.in_data.resize(frame.is_whole() ? 0 : count);
  for (std::size_t i = 0; i < into.in_data.size(); ++i) into.in_data[i] = frame.row(first + i);
  into.X.resize(n, static_cast<Eigen::Index>(columns.size()));
  into.y.resize(n);
  into.offset.resize(offsets.empty() ? 0 : n);
  into.trials.resize(trials ? n : 0);
  into.weight.resize(n);
  into.frequency.resize(n);
  into.Z.resize(term_columns.size());
  for (std::size_t t = 0; t < term_columns.size(); ++t) {
    into.Z[t].resize(n, static_cast<Eigen::Index>(term_columns[t].size()));
  }
  into.level.resize(levels.size());
  for (std::size_t g = 0; g < levels.size(); ++g) {
    const auto begin = levels[g].begin() + static_cast<std::ptrdiff_t>(first);
    into.level[g].assign(begin, begin + n);
  }
  Run run(*this);
  for (std::size_t done = 0; done < count; done += chunk_rows) {
    const std::size_t here = std::min(chunk_rows, count - done);
    const auto at = static_cast<Eigen::Index>(done);
    run.move_to(first + done, here);
    for (std::size_t j = 0; j < columns.size(); ++j) {
      const auto column = static_cast<Eigen::Index>(j);
      run.write(columns[j], center.size() > 0 ? center(column) : 0, &into.X(at, column));
    }
    for (std::size_t t = 0; t < term_columns.size(); ++t) {
      const bool centred = t < term_center.size() && term_center[t].size() > 0;
      for (std::size_t j = 0; j < term_columns[t].size(); ++j) {
        const auto column = static_cast<Eigen::Index>(j);
        run.write(term_columns[t][j], centred ? term_center[t](column) : 0, &into.Z[t](at, column));
      }
    }
    read_response(*this, first + done, here, &into.y(at),
                  offsets.empty() ? nullptr : &into.offset(at));
    if (trials) evaluate(*trials, frame, first + done, here, &into.trials(at));
    read_weights(*this, first + done, here, &into.frequency(at), &into.weight(at));
  }
  into.predictors.resize(predictors.size());
  for (std::size_t k = 0; k < predictors.size(); ++k) {
    Rows own;
    predictors[k]->read(first, count, own);
    into.predictors[k] = std::move(static_cast<PredictorRows&>(own));
  }
}

}  // namespace tarn::formula
