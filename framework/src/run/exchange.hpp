// Where chain threads and the writer meet: buffers go round, flags go one way.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "tarn/runtime.hpp"

namespace tarn {

using Clock = std::chrono::steady_clock;

class Chain;

/// Why chains must stop early.
enum class Halt { none, interrupted, out_of_time, enough, writer_failed };

/// What chains give to the writer: draws, or where a chain stands.
struct Delivery {
  DrawBatch batch = {};
  std::size_t chain = 0;  // its place in the run
  std::unique_ptr<const ChainState> state = {};
};

/// Buffers are bounded, so that a slow disk slows the chains and not fills the memory.
class Exchange {
 public:
  /// At least one buffer for every chain and one more: then none waits for ever.
  Exchange(std::vector<Chain*> chains, std::size_t buffers)
      : spare_(buffers),
        waiting_(chains.begin(), chains.end()),
        open_chains_(chains.size()),
        any_waiting_(!chains.empty()) {}

  // Chain threads.

  /// The chain whose turn is next, or nullptr when the run is over.
  Chain* next_chain();

  /// The chain has used its turn; `again`: it wants another.
  void end_turn(Chain* chain, bool again);

  /// Turns are counted by the writer's clock, so asking costs no more than reading memory.
  unsigned turn() const noexcept { return turn_.load(std::memory_order_relaxed); }
  bool turn_over(unsigned turn) const noexcept {
    return halted() || (any_waiting_.load(std::memory_order_relaxed) &&
                        turn_.load(std::memory_order_relaxed) != turn);
  }
  bool halted() const noexcept { return halt_.load(std::memory_order_relaxed) != Halt::none; }

  /// An empty buffer, as soon as there is one; nothing if the writer failed.
  std::optional<DrawBatch> buffer();
  void hand_over(Delivery delivery);

  // The writer.

  /// Waits until something is there, all chains are closed, or it is late.
  std::optional<Delivery> next_delivery(Clock::time_point late);
  void give_back(DrawBatch batch);
  bool finished();
  bool closed();  // all chains are; what they handed over may wait
  void new_turn() noexcept { turn_.fetch_add(1, std::memory_order_relaxed); }

  /// A chain that is in its turn will never end it.
  void close_chain();

  /// How many turns chains have been waiting without any of them getting one.
  unsigned turns_in_vain();

  /// The first reason stands; a failing writer is always heard.
  void halt(Halt reason) noexcept;
  Halt halt_reason() const noexcept { return halt_.load(std::memory_order_relaxed); }

 private:
  std::mutex mutex_;
  std::condition_variable to_writer_, to_chains_;
  std::vector<DrawBatch> spare_;
  std::deque<Delivery> full_;
  std::deque<Chain*> waiting_;
  std::size_t open_chains_;
  unsigned taken_ = 0;  // the turn of the clock at which a chain last got its turn, or none waited
  std::atomic<bool> any_waiting_;
  std::atomic<unsigned> turn_{0};
  std::atomic<Halt> halt_{Halt::none};
};

}  // namespace tarn
