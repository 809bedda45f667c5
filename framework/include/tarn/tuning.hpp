// A sampler's tuning as numbers in a row: written and read back in the same order, to the last bit.
#pragma once

#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "tarn/error.hpp"
#include "tarn/vector.hpp"

namespace tarn {

///   TuningWriter() << step_size << mean
class TuningWriter {
 public:
  TuningWriter& operator<<(double number) {
    numbers_.push_back(number);
    return *this;
  }
  TuningWriter& operator<<(ConstMatrixRef matrix) {
    for (const auto column : matrix.colwise()) {
      numbers_.insert(numbers_.end(), column.begin(), column.end());
    }
    return *this;
  }

  std::vector<double> numbers() && { return std::move(numbers_); }

 private:
  std::vector<double> numbers_;
};

///   TuningReader(numbers) >> step_size >> mean
/// Vectors and matrices keep the sizes that they have.
class TuningReader {
 public:
  explicit TuningReader(std::span<const double> numbers) : numbers_(numbers) {}

  template <class Number>
  requires std::is_arithmetic_v<Number> TuningReader& operator>>(Number& number) {
    number = static_cast<Number>(next());
    return *this;
  }
  TuningReader& operator>>(MatrixRef matrix) {
    for (auto column : matrix.colwise()) {
      for (double& number : column) number = next();
    }
    return *this;
  }

 private:
  double next() {
    if (numbers_.empty()) {
      throw PluginError("a sampler's tuning has fewer numbers than it reads back");
    }
    const double first = numbers_.front();
    numbers_ = numbers_.subspan(1);
    return first;
  }

  std::span<const double> numbers_;
};

}  // namespace tarn
