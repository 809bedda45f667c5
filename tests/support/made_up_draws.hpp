// Draws whose every value tells where it belongs, for tests of what stores them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/io/chain_store.hpp"

namespace tarn::test {

inline double value_at(std::size_t chain, std::size_t draw, std::size_t element) {
  return static_cast<double>(element) + 1e-4 * static_cast<double>(draw) +
         1e6 * static_cast<double>(chain);
}

inline std::vector<std::string> numbered_labels(std::string_view word, std::size_t count) {
  std::vector<std::string> labels;
  for (std::size_t i = 1; i <= count; ++i) {
    labels.push_back(std::string(word).append(std::to_string(i)));
  }
  return labels;
}

/// Draws first .. first + count - 1 of a chain; a statistic takes the values of the element of its
/// number.
inline DrawBatch made_up_batch(std::size_t parameters, std::size_t statistics, std::size_t chain,
                               std::size_t first, std::size_t count) {
  const auto columns = static_cast<Eigen::Index>(count);
  DrawBatch batch;
  batch.chain = chain;
  batch.first = first;
  batch.seconds = static_cast<double>(first + count);
  batch.theta.resize(static_cast<Eigen::Index>(parameters), columns);
  batch.statistics.resize(static_cast<Eigen::Index>(statistics), columns);
  const auto fill = [&](Matrix& values) {
    for (Eigen::Index draw = 0; draw < values.cols(); ++draw) {
      for (Eigen::Index i = 0; i < values.rows(); ++i) {
        values(i, draw) =
            value_at(chain, first + static_cast<std::size_t>(draw), static_cast<std::size_t>(i));
      }
    }
  };
  fill(batch.theta);
  fill(batch.statistics);
  return batch;
}

/// Writes draws from .. to - 1 of one chain, a batch at a time as a run does.
inline void write_draws(io::ChainWriter& writer, std::size_t parameters, std::size_t statistics,
                        std::size_t chain, std::size_t from, std::size_t to, std::size_t length) {
  for (; from < to; from += length) {
    const std::size_t count = to - from < length ? to - from : length;
    writer.write(made_up_batch(parameters, statistics, chain, from, count));
  }
}

}  // namespace tarn::test
