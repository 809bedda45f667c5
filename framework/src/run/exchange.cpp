// The turns of the chains, and the round trip of the buffers.
#include "run/exchange.hpp"

#include <utility>

namespace tarn {

Chain* Exchange::next_chain() {
  std::unique_lock lock(mutex_);
  to_chains_.wait(lock, [&] { return !waiting_.empty() || open_chains_ == 0; });
  if (waiting_.empty()) return nullptr;
  Chain* chain = waiting_.front();
  waiting_.pop_front();
  taken_ = turn();
  any_waiting_.store(!waiting_.empty(), std::memory_order_relaxed);
  return chain;
}

void Exchange::end_turn(Chain* chain, bool again) {
  {
    const std::lock_guard lock(mutex_);
    if (again) {
      waiting_.push_back(chain);
      any_waiting_.store(true, std::memory_order_relaxed);
    } else {
      --open_chains_;
    }
  }
  to_chains_.notify_all();
  to_writer_.notify_one();
}

std::optional<DrawBatch> Exchange::buffer() {
  std::unique_lock lock(mutex_);
  to_chains_.wait(lock, [&] { return !spare_.empty() || halt_reason() == Halt::writer_failed; });
  if (halt_reason() == Halt::writer_failed) return {};
  DrawBatch batch = std::move(spare_.back());
  spare_.pop_back();
  return batch;
}

void Exchange::hand_over(Delivery delivery) {
  {
    const std::lock_guard lock(mutex_);
    full_.push_back(std::move(delivery));
  }
  to_writer_.notify_one();
}

std::optional<Delivery> Exchange::next_delivery(Clock::time_point late) {
  std::unique_lock lock(mutex_);
  to_writer_.wait_until(lock, late, [&] { return !full_.empty() || open_chains_ == 0; });
  if (full_.empty()) return {};
  Delivery delivery = std::move(full_.front());
  full_.pop_front();
  return delivery;
}

void Exchange::give_back(DrawBatch batch) {
  {
    const std::lock_guard lock(mutex_);
    spare_.push_back(std::move(batch));
  }
  to_chains_.notify_all();
}

bool Exchange::finished() {
  const std::lock_guard lock(mutex_);
  return open_chains_ == 0 && full_.empty();
}

bool Exchange::closed() {
  const std::lock_guard lock(mutex_);
  return open_chains_ == 0;
}

void Exchange::close_chain() {
  {
    const std::lock_guard lock(mutex_);
    --open_chains_;
  }
  to_chains_.notify_all();
}

unsigned Exchange::turns_in_vain() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) taken_ = turn();
  return turn() - taken_;
}

void Exchange::halt(Halt reason) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (halt_reason() == Halt::none || reason == Halt::writer_failed) {
      halt_.store(reason, std::memory_order_relaxed);
    }
  }
  to_chains_.notify_all();
}

}  // namespace tarn
