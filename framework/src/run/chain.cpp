// A chain from its start to its last draw.
#include "run/chain.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/guard.hpp"

namespace tarn {
namespace {

/// A batch of a model with very many parameters holds fewer draws.
constexpr std::size_t batch_bytes = std::size_t{64} << 20;

/// Turns of the writer's clock, 50 ms each: a warm-up that is killed loses a second.
constexpr unsigned between_checkpoints = 20;

/// No sampler comes back from so many: what it compares with NaN it refuses.
constexpr std::size_t most_without_density = 100;

double seconds_since(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

/// 0 * x is NaN for every x that is not finite; unlike a test of each, the sum vectorises.
bool all_finite(const Vector& x) { return (x.array() * 0).sum() == 0; }

}  // namespace

template <class Call>
void Chain::in_plugin(const char* role, const std::string& name, const char* verb, Call&& call) {
  role_.store(role, std::memory_order_relaxed);
  verb_.store(verb, std::memory_order_relaxed);
  if (clock_ != nullptr) call_began_.store(clock_->turn(), std::memory_order_relaxed);
  call_.store(Calls::running, std::memory_order_release);
  const auto back = [this] {
    Calls running = Calls::running;
    if (!call_.compare_exchange_strong(running, Calls::none)) throw Left{};
  };
  try {
    guarded(role, name, verb, std::forward<Call>(call));
  } catch (...) {
    back();
    throw;
  }
  back();
}

bool Chain::leave(unsigned turn) {
  Calls running = Calls::running;
  if (!call_.compare_exchange_strong(running, Calls::left)) return false;
  turns_of_call_ = turn - call_began_.load(std::memory_order_relaxed);
  return true;
}

std::string Chain::call_text() const {
  const std::string_view role = role_.load(std::memory_order_relaxed);
  return fmt::format("{} '{}' did not return from {}", role,
                     role == "model" ? parts_.model.name : parts_.sampler.name,
                     verb_.load(std::memory_order_relaxed));
}

Rng Chain::rng(Purpose purpose, std::size_t draw) const {
  return Rng{Stream{parts_.plan.seed, static_cast<std::uint32_t>(number_), purpose, draw}};
}

std::vector<double> Chain::tuning_now() {
  std::vector<double> tuning;
  in_plugin("sampler", parts_.sampler.name, "tuning()", [&] { tuning = sampler_->tuning(); });
  return tuning;
}

/// All chains' draws go into one file.
void Chain::check_like_first() {
  if (first_ == nullptr) {
    tuning_ = tuning_now().size();
    return;
  }
  const auto check = [](const char* role, const std::string& name, const char* what,
                        std::size_t here, std::size_t there) {
    if (here == there) return;
    throw PluginError(fmt::format("{} '{}' has {} {} here and {} in the first chain", role, name,
                                  here, what, there));
  };
  check("model", parts_.model.name, "numbers in a draw", model_->layout().size(),
        first_->model().layout().size());
  check("sampler", parts_.sampler.name, "statistics", sampler_->statistics().size(),
        first_->sampler().statistics().size());
}

void Chain::make() {
  in_plugin("model", parts_.model.name, "its constructor",
            [&] { model_ = parts_.model.make(parts_.input); });
  for (const std::string& need : parts_.sampler.needs) {
    if (model_->query(need) != nullptr) continue;
    throw PluginError(fmt::format("sampler '{}' needs {}, which model '{}' does not offer here",
                                  parts_.sampler.name, need, parts_.model.name));
  }
  const SamplerType& type = parts_.sampler;
  const Settings& settings = parts_.sampler_settings;
  in_plugin("sampler", type.name, "its constructor", [&] {
    sampler_ = first_ != nullptr && type.make_like
                   ? type.make_like(*model_, settings, first_->sampler())
                   : type.make(*model_, settings);
  });
  check_like_first();
  const auto declared = sampler_->statistics();
  statistics_.assign(declared.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < declared.size(); ++i) {
    if (declared[i].name == "diverging") diverging_ = i;
    if (declared[i].name == "lp") density_ = i;
  }
  if (restored_.empty()) return;
  in_plugin("sampler", type.name, "restore()", [&] { sampler_->restore(restored_); });
}

void Chain::start_at(Vector theta, bool again) {
  if (theta_.size() == 0) theta_ = theta;
  if (again) again_ = std::move(theta);
}

void Chain::go_on_from(ChainState state) {
  number_ = state.number;
  warmed_up_ = state.warmed_up;
  tuned_ = warmed_up_ >= parts_.plan.warmup && state.theta.size() > 0;
  kept_ = state.draws;
  theta_ = std::move(state.theta);
  sampling_seconds_ = state.seconds;
  restored_ = std::move(state.tuning);
  transitions_ = warmed_up_ + kept_ * parts_.plan.thin;
  if (sampler_ == nullptr || restored_.empty()) return;
  in_plugin("sampler", parts_.sampler.name, "restore()", [&] { sampler_->restore(restored_); });
}

void Chain::checkpoint(Exchange& exchange) {
  checked_ = exchange.turn();
  auto state = std::make_unique<ChainState>(
      ChainState{number_, warmed_up_, kept_, theta_, tuning_now(), sampling_seconds_});
  const std::size_t size = first_ != nullptr ? first_->tuning_ : tuning_;
  if (state->tuning.size() != size) {
    throw PluginError(fmt::format(
        "sampler '{}' failed in tuning(): it gave {} numbers and had given {} before it "
        "began; they must stay as many",
        parts_.sampler.name, state->tuning.size(), size));
  }
  exchange.hand_over({{}, place_, std::move(state)});
}

void Chain::check_finite(const char* what, std::size_t number) const {
  if (all_finite(theta_)) return;
  const Layout& layout = model_->layout();
  const Eigen::Ref<const Vector> theta(theta_);
  for (std::size_t block = 0; block < layout.blocks(); ++block) {
    const auto values = layout.of(theta, block);
    for (Eigen::Index i = 0; i < values.size(); ++i) {
      if (std::isfinite(values[i])) continue;
      throw PluginError(
          fmt::format("'{}' became {} in {} {}; model '{}' with sampler '{}' cannot go on",
                      layout.element_name(block, as_size(i)), values[i], what, number + 1,
                      parts_.model.name, parts_.sampler.name));
    }
  }
}

/// One NaN is a value like others; a density that stays NaN leaves the chain where it is for ever.
/// Some samplers never report the density, so the model is asked.
void Chain::check_density(std::size_t number) {
  if (!density_) return;
  without_density_ = std::isnan(statistics_[*density_]) ? without_density_ + 1 : 0;
  if (without_density_ < most_without_density) return;
  double value = 0;
  if (auto* density = static_cast<LogDensity*>(model_->query(LogDensity::id))) {
    in_plugin("model", parts_.model.name, "log_density()",
              [&] { value = density->log_density(theta_); });
  }
  if (!std::isnan(value)) return density_.reset();
  throw PluginError(fmt::format(
      "model '{}' failed in log_density(): it was NaN in {} transitions in a row, up to transition "
      "{}; sampler '{}' cannot go on",
      parts_.model.name, without_density_, number + 1, parts_.sampler.name));
}

/// Transitions before the first draw: where it goes back to its start, another tenth.
std::size_t Chain::whole_warm_up() const {
  const std::size_t total = parts_.plan.warmup;
  return again_ ? total + total / 10 : total;
}

/// While a sampler learns it may leave a mode that it never comes back to. Where all chains do,
/// they agree on what is wrong; so each draws from where it began.
void Chain::end_warm_up() {
  in_plugin("sampler", parts_.sampler.name, "end_warm_up()", [&] { sampler_->end_warm_up(); });
  if (again_) theta_ = *again_;
}

Chain::Progress Chain::warm_up(Exchange& exchange, unsigned turn) {
  const auto begun = Clock::now();
  const std::size_t total = parts_.plan.warmup;
  const std::string& name = parts_.sampler.name;
  while (!exchange.turn_over(turn)) {
    if (warmed_up_ >= total && !std::exchange(tuned_, true)) {
      end_warm_up();
      checkpoint(exchange);
    }
    if (warmed_up_ == whole_warm_up()) break;
    Rng stream = rng(Purpose::warm_up, warmed_up_);
    if (warmed_up_ < total) {
      in_plugin("sampler", name, "warm_up()", [&] {
        sampler_->warm_up(theta_, statistics_, stream, {warmed_up_, total});
      });
    } else {
      in_plugin("sampler", name, "step()", [&] { sampler_->step(theta_, statistics_, stream); });
    }
    check_finite("warm-up transition", warmed_up_);
    transitions_.store(++warmed_up_, std::memory_order_relaxed);
    if (warmed_up_ != total && exchange.turn() - checked_ >= between_checkpoints) {
      checkpoint(exchange);
    }
  }
  const bool done = tuned_ && warmed_up_ == whole_warm_up();
  if (!done && exchange.halted()) {
    // Between the last transition of the warm-up and its end there is nothing to go on from.
    if (warmed_up_ >= total && !std::exchange(tuned_, true)) end_warm_up();
    checkpoint(exchange);
  }
  warmup_seconds_ += seconds_since(begun);
  return done ? Progress::done : Progress::turn_over;
}

bool Chain::open_batch(Exchange& exchange) {
  if (batch_) return true;
  batch_ = exchange.buffer();
  if (!batch_) return false;
  const std::size_t bytes = std::max<std::size_t>(1, sizeof(double) * as_size(theta_.size()));
  const std::size_t room = std::max<std::size_t>(1, batch_bytes / bytes);
  const std::size_t draws =
      std::min({batch_length(parts_.plan.draws), room, parts_.plan.draws - kept_});
  batch_->chain = place_;
  batch_->first = kept_;
  batch_->theta.resize(theta_.size(), as_index(draws));
  batch_->statistics.resize(as_index(statistics_.size()), as_index(draws));
  return true;
}

std::optional<DrawBatch> Chain::last_batch() {
  if (!batch_) return {};
  const auto filled = as_index(kept_ - batch_->first);
  if (filled < batch_->theta.cols()) {
    batch_->theta.conservativeResize(Eigen::NoChange, filled);
    batch_->statistics.conservativeResize(Eigen::NoChange, filled);
  }
  batch_->seconds = sampling_seconds_;
  DrawBatch batch = std::move(*batch_);
  batch_.reset();
  return batch;
}

void Chain::close_batch(Exchange& exchange) {
  auto batch = last_batch();
  if (!batch) return;
  batch->theta.cols() == 0 ? exchange.give_back(std::move(*batch))
                           : exchange.hand_over({std::move(*batch)});
}

Chain::Progress Chain::sample(Exchange& exchange, unsigned turn) {
  const auto begun = Clock::now();
  const double before = sampling_seconds_;
  const auto count_time = [&] { sampling_seconds_ = before + seconds_since(begun); };
  const std::size_t draws = parts_.plan.draws;
  const std::size_t thin = parts_.plan.thin;
  while (kept_ < draws && !exchange.turn_over(turn)) {
    if (!open_batch(exchange)) break;
    const std::size_t number = kept_ * thin + inner_;
    Rng stream = rng(Purpose::draw, number);
    in_plugin("sampler", parts_.sampler.name, "step()",
              [&] { sampler_->step(theta_, statistics_, stream); });
    check_finite("transition", number);
    check_density(number);
    if (diverging_ && statistics_[*diverging_] > 0) {
      divergences_.store(divergences() + 1, std::memory_order_relaxed);
    }
    transitions_.store(warmed_up_ + number + 1, std::memory_order_relaxed);
    if (++inner_ < thin) continue;
    inner_ = 0;
    const auto column = as_index(kept_ - batch_->first);
    batch_->theta.col(column) = theta_;
    batch_->statistics.col(column) =
        Eigen::Map<const Vector>(statistics_.data(), as_index(statistics_.size()));
    ++kept_;
    if (column + 1 == batch_->theta.cols()) {
      count_time();
      close_batch(exchange);
    }
  }
  count_time();
  if (exchange.halted()) close_batch(exchange);
  return kept_ == draws ? Progress::done : Progress::turn_over;
}

Chain::After Chain::advance(Exchange& exchange) noexcept {
  if (failure_) return After::done;
  try {
    clock_ = &exchange;
    const unsigned turn = exchange.turn();
    if (exchange.halted() && !started_) return After::done;
    if (!sampler_) make();
    started_ = true;
    if (warm_up(exchange, turn) == Progress::done && sample(exchange, turn) == Progress::done) {
      return After::done;
    }
    return exchange.halted() ? After::done : After::wants_more;
  } catch (const Left&) {
    return After::left;
  } catch (const std::exception& error) {
    failure_ = error.what();
  }
  if (batch_) exchange.give_back(std::move(*batch_));
  batch_.reset();
  return After::done;
}

}  // namespace tarn
