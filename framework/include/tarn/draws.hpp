// The stored draws of a fit, read by variables or by runs of draws.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "tarn/layout.hpp"
#include "tarn/vector.hpp"

namespace tarn {

class Draws {
 public:
  virtual ~Draws();

  virtual std::size_t chains() const noexcept = 0;
  virtual std::size_t draws() const noexcept = 0;  // per chain
  virtual const Layout& layout() const noexcept = 0;

  /// Elements first .. first + into.cols() - 1 of a block. A column holds one scalar parameter:
  /// all draws of chain 0, then of chain 1, ... (chains x draws rows).
  virtual void read(std::size_t block, std::size_t first, MatrixRef into) const = 0;

  /// Whole draws first .. first + into.cols() - 1 of a chain. A column is one draw, layout().size()
  /// long. Cheapest for runs of `batch_length(draws())` draws that start at a multiple of it.
  virtual void read_draws(std::size_t chain, std::size_t first, MatrixRef into) const = 0;
};

/// Consecutive draws of one chain.
struct DrawRun {
  std::size_t chain, first, count;
};

/// Whole draws in runs that are cheap to read, as often as needed and by several threads.
class DrawRuns {
 public:
  /// A column of `thetas` is one draw; `thread` counts from 0.
  using Visit = std::function<void(const DrawRun& run, ConstMatrixRef thetas, std::size_t thread)>;

  /// Draws that need no more than this are read once and held; of others, one run for each thread.
  /// They must outlive this.
  explicit DrawRuns(const Draws& draws, double held_bytes = 0);

  bool held() const noexcept { return held_.size() > 0; }

  /// Every run once. What a visit throws is thrown here.
  void visit(std::size_t threads, const Visit& each) const;

  /// The number of a run's first draw among all: those of chain 0 come first.
  Eigen::Index place(const DrawRun& run) const noexcept {
    return as_index(run.chain * draws_.draws() + run.first);
  }

 private:
  const Draws& draws_;
  std::vector<DrawRun> runs_;
  Matrix held_;
};

/// work(number, theta, thread) for every draw, in one pass: number counts those of chain 0 first.
void for_each_draw(
    const Draws& draws, std::size_t threads,
    const std::function<void(std::size_t number, ConstVectorRef theta, std::size_t thread)>& work);

/// These draws, one column each; `numbers` rise. Reads no run that holds none of them.
Matrix select_draws(const Draws& draws, std::span<const std::size_t> numbers);

}  // namespace tarn
