// Draws on their way to the chain file: what ends the run looks at them.
#pragma once

#include <optional>

#include "drawing/effective_target.hpp"
#include "tarn/io/chain_store.hpp"

namespace tarn::launcher {

class RunSink final : public DrawSink {
 public:
  /// `judged`: parameters that the summary will judge. `target`: of effective draws.
  RunSink(io::ChainWriter& writer, std::size_t judged, std::optional<EffectiveTarget>& target)
      : writer_(writer), judged_(judged), target_(target) {}

  void write(const DrawBatch& batch) override;
  void checkpoint(std::size_t chain, const ChainState& state) override;

  /// The chain file's cut, and the summary's judgement.
  double seconds_to_finish() const override;
  bool enough() const override { return target_ && target_->reached(); }

 private:
  io::ChainWriter& writer_;
  std::size_t judged_;
  std::optional<EffectiveTarget>& target_;
  double draws_ = 0;  // of all chains
};

}  // namespace tarn::launcher
