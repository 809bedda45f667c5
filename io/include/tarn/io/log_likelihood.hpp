// The pointwise log likelihood beside the draws of a chain file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "tarn/io/chain_store.hpp"
#include "tarn/vector.hpp"

namespace tarn::io {

/// Writes a copy of a finished chain file with the group log_likelihood, and renames it over the
/// file at the end: nothing is ever appended in place.
class LogLikelihoodWriter {
 public:
  /// Copies, and makes room. Throws InputError where the group is there already, IoError.
  explicit LogLikelihoodWriter(const std::filesystem::path& file);

  /// Without finish() before: the copy is removed.
  ~LogLikelihoodWriter();

  /// Rows first .. first + block.rows() - 1; columns: all draws of chain 0, then of chain 1, ...
  void write(std::size_t first, ConstMatrixRef block);

  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tarn::io
