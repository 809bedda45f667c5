// Texts to pieces: in parallel, delivered in order.
#include "data/csv/stream.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "data/csv/record.hpp"
#include "tarn/index.hpp"

namespace tarn::io::csv {
namespace {

struct Chunk {
  std::size_t source;
  std::string_view text;
  std::exception_ptr failure;  // a quote that is never closed
};

const char* end_of(std::string_view text) noexcept { return text.data() + text.size(); }

std::vector<FieldPlan> plan_of(const Shard& shard, std::span<const Kind> kinds) {
  std::vector<FieldPlan> plan;
  for (const std::size_t column : shard.columns) {
    plan.push_back(column == unstored ? FieldPlan{} : FieldPlan{kinds[column], column});
  }
  return plan;
}

std::exception_ptr failure_of(const Fault& fault, const Shard& shard) {
  return std::make_exception_ptr(explain(fault, shard.source->text.view(), shard.source->label));
}

/// Cuts the shards into whole records.
class Chunks {
 public:
  Chunks(std::span<const Shard> shards, std::size_t size) : shards_(shards), size_(size) {}

  std::optional<Chunk> next() {
    while (source_ < shards_.size()) {
      const Shard& shard = shards_[source_];
      const char* const end = end_of(shard.body);
      const char* const begin = next_ ? next_ : shard.body.data();
      if (begin == end) {
        ++source_;
        next_ = nullptr;
        continue;
      }
      const char* const target = as_size(end - begin) > size_ ? begin + size_ : end;
      const std::size_t source = source_;
      try {
        next_ = find_record_end(begin, target, end, shard.format.separator);
      } catch (const Fault& fault) {
        source_ = shards_.size();  // nothing follows a fault
        return Chunk{source, {}, failure_of(fault, shard)};
      }
      return Chunk{source, {begin, as_size(next_ - begin)}, nullptr};
    }
    return std::nullopt;
  }

 private:
  std::span<const Shard> shards_;
  std::size_t size_;
  std::size_t source_ = 0;
  const char* next_ = nullptr;
};

class Stream {
 public:
  Stream(std::span<const Shard> shards, std::span<const Kind> kinds, unsigned threads,
         std::size_t chunk, const std::function<void(const Piece&)>& consume)
      : shards_(shards),
        columns_(kinds.size()),
        most_ahead_(4 * std::size_t{threads}),
        consume_(consume),
        chunks_(shards, chunk) {
    for (const Shard& shard : shards) plans_.push_back(plan_of(shard, kinds));
  }

  /// Until nothing is left to do; any number of threads may be in here.
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      room_.wait(lock, [this] { return finished_ || claimed_ - delivered_ < most_ahead_; });
      if (finished_) return;
      const std::optional<Chunk> chunk = chunks_.next();
      if (!chunk) return finish();
      const std::size_t turn = claimed_++;
      Outcome outcome{nullptr, chunk->failure};
      if (!chunk->failure) {
        outcome.piece = spare();
        lock.unlock();
        parse_chunk(*chunk, outcome);
        lock.lock();
      }
      if (outcome.failure) finish();
      waiting_.emplace(turn, std::move(outcome));
      deliver(lock);
    }
  }

  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  struct Outcome {
    std::unique_ptr<Piece> piece;
    std::exception_ptr failure;
  };

  std::unique_ptr<Piece> spare() {
    std::unique_ptr<Piece> piece;
    if (spares_.empty()) {
      piece = std::make_unique<Piece>();
      piece->columns.resize(columns_);
    } else {
      piece = std::move(spares_.back());
      spares_.pop_back();
    }
    return piece;
  }

  void parse_chunk(const Chunk& chunk, Outcome& outcome) const noexcept {
    const Shard& shard = shards_[chunk.source];
    try {
      outcome.piece->source = chunk.source;
      parse(chunk.text, end_of(shard.body), shard.format, *shard.rules, plans_[chunk.source],
            *outcome.piece);
    } catch (const Fault& fault) {
      outcome.failure =
          std::make_exception_ptr(explain(fault, shard.source->text.view(), shard.source->label));
    } catch (...) {
      outcome.failure = std::current_exception();
    }
  }

  /// Hands on what is next in order, unless another thread is doing so.
  void deliver(std::unique_lock<std::mutex>& lock) {
    if (delivering_) return;
    delivering_ = true;
    while (!failure_ && !waiting_.empty() && waiting_.begin()->first == delivered_) {
      Outcome outcome = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      if (!outcome.failure) {
        lock.unlock();
        try {
          consume_(*outcome.piece);
        } catch (...) {
          outcome.failure = std::current_exception();
        }
        lock.lock();
      }
      if (outcome.failure) {
        failure_ = outcome.failure;
        finish();
      } else {
        spares_.push_back(std::move(outcome.piece));
      }
      ++delivered_;
      room_.notify_one();
    }
    delivering_ = false;
  }

  void finish() {
    finished_ = true;
    room_.notify_all();
  }

  const std::span<const Shard> shards_;
  const std::size_t columns_;
  const std::size_t most_ahead_;
  const std::function<void(const Piece&)>& consume_;
  std::vector<std::vector<FieldPlan>> plans_;

  std::mutex mutex_;  // guards all that follows
  std::condition_variable room_;
  Chunks chunks_;
  std::size_t claimed_ = 0;
  std::size_t delivered_ = 0;
  bool delivering_ = false;
  bool finished_ = false;  // no chunk is left to claim
  std::map<std::size_t, Outcome> waiting_;
  std::vector<std::unique_ptr<Piece>> spares_;
  std::exception_ptr failure_;
};

}  // namespace

void stream(std::span<const Shard> shards, std::span<const Kind> kinds, unsigned threads,
            std::size_t chunk, const std::function<void(const Piece&)>& consume) {
  std::size_t bytes = 0;
  for (const Shard& shard : shards) bytes += shard.body.size();
  threads = static_cast<unsigned>(std::min<std::size_t>(threads, bytes / chunk + 1));

  Stream work(shards, kinds, threads, chunk, consume);
  {
    std::vector<std::jthread> others;
    try {
      for (unsigned i = 1; i < threads; ++i) others.emplace_back([&work] { work.work(); });
    } catch (const std::system_error&) {
      // With fewer threads it takes longer.
    }
    work.work();
  }
  work.rethrow();
}

std::vector<Kind> guess(std::span<const Shard> shards, std::size_t columns) {
  constexpr std::size_t sample = std::size_t{1} << 14;
  std::vector<Kind> kinds(columns, Kind::number);
  Piece piece;
  piece.columns.resize(columns);
  try {
    const std::optional<Chunk> chunk = Chunks(shards, sample).next();
    if (!chunk || chunk->failure) return kinds;
    const Shard& shard = shards[chunk->source];
    parse(chunk->text, end_of(shard.body), shard.format, *shard.rules, plan_of(shard, kinds),
          piece);
  } catch (const Fault&) {
    // Reported by the reading itself, with what stands before it.
  }
  for (std::size_t i = 0; i < columns; ++i) {
    if (piece.columns[i].spoiled) kinds[i] = Kind::text;
  }
  return kinds;
}

}  // namespace tarn::io::csv
