// The run as a whole: a pool of threads for the chains, and the writer's loop.
#include "tarn/runtime.hpp"

#include <algorithm>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/guard.hpp"
#include "run/chain.hpp"
#include "run/exchange.hpp"
#include "sample/starts.hpp"

namespace tarn {
namespace {

/// How long a turn lasts where chains must share threads.
constexpr auto turn_length = std::chrono::milliseconds(50);
constexpr auto progress_period = std::chrono::milliseconds(200);

/// How long calls of plugins may go on once the run is told to stop.
constexpr auto patience = std::chrono::milliseconds(500);

/// Turns that chains wait in vain before another thread is started for them: an eighth of the
/// run's time, at most half a minute.
unsigned turns_to_wait(const RunPlan& plan) {
  using Seconds = std::chrono::duration<double>;
  Seconds wait = std::chrono::seconds(30);
  if (plan.max_time) wait = std::clamp(*plan.max_time / 8, Seconds(0.25), wait);
  return static_cast<unsigned>(wait / turn_length);
}

std::size_t thread_count(const RunPlan& plan) {
  const std::size_t wanted = plan.threads != 0 ? plan.threads : std::thread::hardware_concurrency();
  return std::clamp<std::size_t>(wanted, 1, plan.chains);
}

/// One for every chain, one more for every thread; and as many as help small models over the pauses
/// of the disk.
std::size_t buffer_count(const RunPlan& plan, std::size_t threads, std::size_t draw_size) {
  constexpr std::size_t bytes = std::size_t{16} << 20;
  const std::size_t batch =
      std::max<std::size_t>(1, batch_length(plan.draws)) * (draw_size + 1) * sizeof(double);
  return std::max(plan.chains + threads, std::min<std::size_t>(bytes / batch, 1000));
}

void serve(const std::shared_ptr<Exchange>& exchange) {
  while (Chain* chain = exchange->next_chain()) {
    const Chain::After after = chain->advance(*exchange);
    if (after == Chain::After::left) return;
    exchange->end_turn(chain, after == Chain::After::wants_more);
  }
}

/// The threads that advance the chains. Ends with them, unless one is in a call that does not
/// return.
class Threads {
 public:
  explicit Threads(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

  ~Threads() {
    for (std::thread& thread : threads_) left_ ? thread.detach() : thread.join();
  }

  /// Where the system refuses a thread, the run goes on with those it got.
  void start() {
    try {
      threads_.emplace_back(serve, exchange_);
    } catch (const std::system_error& error) {
      if (!threads_.empty()) return;
      throw IoError(fmt::format("the system refuses to start a thread: {}", error.what()));
    }
  }

  std::size_t count() const noexcept { return threads_.size(); }
  void leave() noexcept { left_ = true; }

 private:
  std::shared_ptr<Exchange> exchange_;
  std::vector<std::thread> threads_;
  bool left_ = false;
};

}  // namespace

DrawSink::~DrawSink() = default;

void DrawSink::checkpoint(std::size_t, const ChainState&) {}

double DrawSink::seconds_to_finish() const { return 0; }

bool DrawSink::enough() const { return false; }

struct Run::State {
  State(const ModelType& model, const ModelInput& input, const SamplerType& sampler,
        const Settings& settings, const RunPlan& plan)
      : parts{model, input, sampler, settings, plan} {
    for (std::size_t i = 0; i < plan.chains; ++i) {
      const Chain* first = chains.empty() ? nullptr : chains.front().get();
      chains.push_back(std::make_unique<Chain>(parts, i, first));
    }
    chains.front()->make();  // before there are threads: others may be made like it
  }

  void start() const;
  RunProgress progress(Clock::time_point begun) const;
  RunOutcome outcome(const Exchange& exchange) const;
  void write_all(Exchange& exchange, Threads& threads, DrawSink& sink, Clock::time_point begun,
                 const std::function<void(const RunProgress&)>& report) const;
  bool leave_chains(Exchange& exchange) const;
  void give_up(Exchange& exchange, Threads& threads) const;
  bool hangs(const Chain& chain, const Exchange& exchange) const;

  const RunParts parts;
  std::vector<std::unique_ptr<Chain>> chains;
};

/// Of chains that are in their warm-up or have not begun it. Where there is no start, that is the
/// failure of each.
void Run::State::start() const {
  std::vector<Chain*> waiting;
  std::size_t numbers = 0;
  for (const auto& chain : chains) {
    if (chain->in_warm_up()) waiting.push_back(chain.get());
    numbers = std::max(numbers, chain->number() + 1);
  }
  if (waiting.empty()) return;
  try {
    const Starts starts =
        dispersed_starts(chains.front()->model(), parts.model.name, parts.plan.seed, numbers);
    for (Chain* chain : waiting) {
      chain->start_at(starts.points[chain->number()], starts.around_modes);
    }
  } catch (const std::exception& error) {
    for (Chain* chain : waiting) chain->fail(error.what());
  }
}

RunProgress Run::State::progress(Clock::time_point begun) const {
  RunProgress now;
  now.total = parts.plan.chains * (parts.plan.warmup + parts.plan.draws * parts.plan.thin);
  for (const auto& chain : chains) {
    now.done += chain->transitions();
    now.divergences += chain->divergences();
  }
  now.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  return now;
}

/// Chains in a call of a plugin are waited for no more. Whether there was one.
bool Run::State::leave_chains(Exchange& exchange) const {
  bool any = false;
  for (const auto& chain : chains) {
    if (chain->left() || !chain->leave(exchange.turn())) continue;
    any = true;
    auto batch = chain->last_batch();
    if (batch && batch->theta.cols() > 0) exchange.hand_over({std::move(*batch)});
    exchange.close_chain();
  }
  return any;
}

/// The writer failed: what chains hold is lost.
void Run::State::give_up(Exchange& exchange, Threads& threads) const {
  exchange.halt(Halt::writer_failed);
  const auto late = Clock::now() + patience;
  while (!exchange.closed() && Clock::now() < late) std::this_thread::sleep_for(turn_length / 10);
  if (leave_chains(exchange)) threads.leave();
}

void Run::State::write_all(Exchange& exchange, Threads& threads, DrawSink& sink,
                           Clock::time_point begun,
                           const std::function<void(const RunProgress&)>& report) const {
  const RunPlan& plan = parts.plan;
  const unsigned in_vain = turns_to_wait(plan);
  std::optional<Clock::time_point> halted;
  auto next_turn = begun + turn_length;
  auto next_report = begun + progress_period;
  if (report) report(progress(begun));
  while (!exchange.finished()) {
    if (auto delivery = exchange.next_delivery(next_turn)) {
      if (delivery->state) {
        sink.checkpoint(delivery->chain, *delivery->state);
      } else {
        sink.write(delivery->batch);
        exchange.give_back(std::move(delivery->batch));
        if (sink.enough()) exchange.halt(Halt::enough);
      }
    }
    const auto now = Clock::now();
    if (now < next_turn) continue;
    next_turn = now + turn_length;
    exchange.new_turn();
    if (plan.max_time && now - plan.since >= *plan.max_time - std::chrono::duration<double>(
                                                                  sink.seconds_to_finish())) {
      exchange.halt(Halt::out_of_time);
    }
    if (exchange.halted() && !halted) halted = now;
    if (halted && now - *halted > patience && leave_chains(exchange)) {
      threads.leave();
      threads.start();  // for chains that wait behind those that were left
    } else if (exchange.turns_in_vain() >= in_vain && threads.count() < chains.size()) {
      threads.start();
    }
    if (report && now >= next_report) {
      next_report = now + progress_period;
      report(progress(begun));
    }
  }
  if (report) report(progress(begun));
}

/// A call that has taken more than half of the run will hardly ever return.
bool Run::State::hangs(const Chain& chain, const Exchange& exchange) const {
  return chain.left() && 2 * chain.turns_of_call() > exchange.turn();
}

RunOutcome Run::State::outcome(const Exchange& exchange) const {
  RunOutcome result;
  std::size_t most = 0;
  for (const auto& chain : chains) {
    if (!chain->failure() && !hangs(*chain, exchange)) most = std::max(most, chain->kept());
  }
  const Halt halt = exchange.halt_reason();
  result.draws = parts.plan.draws;
  for (const auto& chain : chains) {
    std::optional<std::string> failure = chain->failure();
    if (!failure && hangs(*chain, exchange) && (most > 0 || halt == Halt::out_of_time)) {
      failure =
          fmt::format("{} in {:.1f} s", chain->call_text(),
                      chain->turns_of_call() * std::chrono::duration<double>(turn_length).count());
    }
    if (failure) {
      result.failed.push_back(chain->place());
      result.failures.push_back(fmt::format("chain {}: {}", chain->number() + 1, *failure));
      continue;
    }
    result.draws = std::min(result.draws, chain->kept());
    result.warmup_seconds = std::max(result.warmup_seconds, chain->warmup_seconds());
    result.sampling_seconds = std::max(result.sampling_seconds, chain->sampling_seconds());
  }
  if (result.failed.size() == chains.size()) result.draws = 0;
  const bool any_left =
      std::ranges::any_of(chains, [](const auto& chain) { return chain->left(); });
  if (result.draws == parts.plan.draws && !any_left) return result;
  using End = RunOutcome::End;
  if (halt == Halt::interrupted) result.end = End::interrupted;
  if (halt == Halt::out_of_time) result.end = End::out_of_time;
  if (halt == Halt::enough) result.end = End::enough;
  return result;
}

Run::Run(const ModelType& model, const ModelInput& input, const SamplerType& sampler,
         const Settings& sampler_settings, const RunPlan& plan)
    : state_(std::make_unique<State>(model, input, sampler, sampler_settings, plan)) {}

Run::~Run() {
  static auto& in_use = *new std::vector<std::unique_ptr<State>>;  // for ever
  if (unreturned()) in_use.push_back(std::move(state_));
}

bool Run::unreturned() const noexcept {
  return std::ranges::any_of(state_->chains, [](const auto& chain) { return chain->left(); });
}

const Layout& Run::layout() const noexcept { return state_->chains.front()->model().layout(); }

std::span<const Statistic> Run::statistics() const noexcept {
  return state_->chains.front()->sampler().statistics();
}

std::string Run::plan() const {
  return guarded("sampler", state_->parts.sampler.name, "plan()",
                 [&] { return state_->chains.front()->sampler().plan(); });
}

std::size_t Run::tuning_size() const {
  const Sampler& sampler = state_->chains.front()->sampler();
  return guarded("sampler", state_->parts.sampler.name, "tuning()",
                 [&] { return sampler.tuning().size(); });
}

void Run::resume(std::vector<ChainState> states) {
  const RunPlan& plan = state_->parts.plan;
  const std::size_t tuning = tuning_size();
  if (states.size() != plan.chains) {
    throw InputError(fmt::format("a run of {} chains cannot go on from the states of {}",
                                 plan.chains, states.size()));
  }
  for (const ChainState& state : states) {
    if (state.theta.size() == 0 && state.draws == 0) continue;
    if (as_size(state.theta.size()) != layout().size() || state.tuning.size() != tuning ||
        state.warmed_up > plan.warmup + plan.warmup / 10 || state.draws > plan.draws ||
        (state.draws > 0 && state.warmed_up < plan.warmup)) {
      throw InputError(fmt::format(
          "the stored state of chain {} does not fit: it is that of another model, sampler or plan",
          state.number + 1));
    }
  }
  for (std::size_t i = 0; i < states.size(); ++i) {
    state_->chains[i]->go_on_from(std::move(states[i]));
  }
}

RunOutcome Run::go(DrawSink& sink, const std::function<void(const RunProgress&)>& progress,
                   std::stop_token stop) {
  std::vector<Chain*> chains;
  for (const auto& chain : state_->chains) chains.push_back(chain.get());
  const std::size_t count = thread_count(state_->parts.plan);
  const auto exchange = std::make_shared<Exchange>(
      std::move(chains), buffer_count(state_->parts.plan, count, layout().size()));
  const std::stop_callback on_stop(stop, [&] { exchange->halt(Halt::interrupted); });

  const auto begun = Clock::now();
  if (!exchange->halted()) state_->start();
  {
    Threads threads(exchange);
    for (std::size_t i = 0; i < count; ++i) threads.start();
    try {
      state_->write_all(*exchange, threads, sink, begun, progress);
    } catch (...) {
      state_->give_up(*exchange, threads);
      throw;
    }
  }
  return state_->outcome(*exchange);
}

RunOutcome run(const ModelType& model, const ModelInput& input, const SamplerType& sampler,
               const Settings& sampler_settings, const RunPlan& plan, DrawSink& sink,
               const std::function<void(const RunProgress&)>& progress, std::stop_token stop) {
  return Run(model, input, sampler, sampler_settings, plan).go(sink, progress, std::move(stop));
}

}  // namespace tarn
