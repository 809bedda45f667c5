// One chain of a run: its objects, where it stands, and the batch it is filling.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "run/exchange.hpp"

namespace tarn {

/// What all chains of a run are made from.
struct RunParts {
  const ModelType& model;
  const ModelInput input;
  const SamplerType& sampler;
  const Settings& sampler_settings;
  const RunPlan plan;
};

/// Its state is theta, the sampler's tuning and the number of the transition, for every transition
/// has a random stream of its own; so neither threads nor turns can change a bit of it.
class Chain {
 public:
  /// `place`: in the run, and its number unless it goes on from a state with another. `first`: the
  /// run's first chain, null for itself; it must outlive this.
  Chain(const RunParts& parts, std::size_t place, const Chain* first)
      : parts_(parts), place_(place), number_(place), first_(first) {}

  /// Makes model and sampler; the first chain's must be made before others'. Throws tarn's errors
  /// as they are, others as PluginError.
  void make();

  /// Before it advances: where it starts, and whether it goes back there after its warm-up, and
  /// forgets that place for another tenth of a warm-up; or where it goes on from; or why it cannot.
  void start_at(Vector theta, bool again);
  void go_on_from(ChainState state);
  void fail(std::string why) { failure_ = std::move(why); }

  /// Goes on until it is done, its turn is over or the run is halted. What its plugins throw
  /// becomes its failure.
  enum class After { wants_more, done, left };
  After advance(Exchange& exchange) noexcept;

  /// By the writer's thread: if the chain is in a call of a plugin, it is never waited for again,
  /// and advance() will end with `left` should it ever return; its thread then must touch nothing.
  /// What was drawn before is taken over from it.
  bool leave(unsigned turn);
  bool left() const noexcept { return call_.load() == Calls::left; }

  /// The batch that it is filling, cut to the draws that are there; nothing where it fills none.
  std::optional<DrawBatch> last_batch();

  /// The call that it was left in, and how many turns of the clock that had taken.
  std::string call_text() const;
  unsigned turns_of_call() const noexcept { return turns_of_call_; }

  Model& model() const noexcept { return *model_; }
  const Sampler& sampler() const noexcept { return *sampler_; }

  std::size_t place() const noexcept { return place_; }
  std::size_t number() const noexcept { return number_; }
  const std::optional<std::string>& failure() const noexcept { return failure_; }
  std::size_t kept() const noexcept { return kept_; }
  bool in_warm_up() const noexcept { return kept_ == 0; }
  double warmup_seconds() const noexcept { return warmup_seconds_; }
  double sampling_seconds() const noexcept { return sampling_seconds_; }

  // May be asked while the chain advances.
  std::size_t transitions() const noexcept { return transitions_.load(std::memory_order_relaxed); }
  std::size_t divergences() const noexcept { return divergences_.load(std::memory_order_relaxed); }

 private:
  enum class Progress { turn_over, done };
  enum class Calls { none, running, left };
  struct Left {};  // thrown where the chain was left while it was in a call

  /// Calls a plugin; see guarded().
  template <class Call>
  void in_plugin(const char* role, const std::string& name, const char* verb, Call&& call);

  std::size_t whole_warm_up() const;
  void end_warm_up();
  Progress warm_up(Exchange& exchange, unsigned turn);
  Progress sample(Exchange& exchange, unsigned turn);
  bool open_batch(Exchange& exchange);
  void close_batch(Exchange& exchange);
  void check_finite(const char* what, std::size_t number) const;
  void check_density(std::size_t number);
  Rng rng(Purpose purpose, std::size_t draw) const;

  void checkpoint(Exchange& exchange);
  void check_like_first();
  std::vector<double> tuning_now();

  const RunParts& parts_;
  std::size_t place_;
  std::size_t number_;
  const Chain* first_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<Sampler> sampler_;
  Vector theta_;
  std::vector<double> statistics_;
  std::optional<std::size_t> diverging_, density_;  // indices of these statistics
  std::size_t without_density_ = 0;                 // transitions in a row
  bool started_ = false;
  std::size_t tuning_ = 0;        // numbers of the first chain's
  std::vector<double> restored_;  // tuning that the sampler takes up when it is made
  unsigned checked_ = 0;          // the turn of the last checkpoint
  std::size_t warmed_up_ = 0;     // transitions
  bool tuned_ = false;
  std::optional<Vector> again_;  // where it goes back to after its warm-up
  std::size_t kept_ = 0;         // draws
  std::size_t inner_ = 0;        // transitions since the last kept draw
  std::optional<DrawBatch> batch_;
  std::optional<std::string> failure_;
  double warmup_seconds_ = 0;
  double sampling_seconds_ = 0;
  std::atomic<Calls> call_{Calls::none};
  std::atomic<const char*> role_{""}, verb_{""};  // of the call
  std::atomic<unsigned> call_began_{0};           // turn of the clock
  unsigned turns_of_call_ = 0;
  const Exchange* clock_ = nullptr;
  std::atomic<std::size_t> transitions_{0};
  std::atomic<std::size_t> divergences_{0};
};

}  // namespace tarn
