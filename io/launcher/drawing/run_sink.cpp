// Passes draws to the chain file.
#include "drawing/run_sink.hpp"

#include <algorithm>
#include <thread>

namespace tarn::launcher {
namespace {

/// Processor time of reading and judging a draw of a parameter, measured on some 100,000 draws of
/// 90 parameters; twice that where chains mix badly.
constexpr double seconds_to_judge = 60e-9;

}  // namespace

void RunSink::write(const DrawBatch& batch) {
  writer_.write(batch);
  draws_ += static_cast<double>(batch.theta.cols());
  if (target_) target_->add(batch);
}

void RunSink::checkpoint(std::size_t chain, const ChainState& state) {
  writer_.checkpoint(chain, state);
}

double RunSink::seconds_to_finish() const {
  static const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  return writer_.seconds_to_finish() +
         draws_ * static_cast<double>(judged_) * seconds_to_judge / threads;
}

}  // namespace tarn::launcher
