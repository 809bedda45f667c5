// The run as a whole: a pool of threads for the chains, and the writer's loop.
#include "tarn/runtime.hpp"

#include <algorithm>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "run/chain.hpp"
#include "run/exchange.hpp"
#include "run/guard.hpp"
#include "run/starts.hpp"

namespace tarn {
namespace {

/// How long a turn lasts where chains must share threads.
constexpr auto turn_length = std::chrono::milliseconds(50);
constexpr auto progress_period = std::chrono::milliseconds(200);

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

/// A full house is no reason to fail: the run goes on with the threads it got.
std::vector<std::jthread> start_threads(std::size_t count, Exchange& exchange) {
  std::vector<std::jthread> threads;
  const auto serve = [&exchange] {
    while (Chain* chain = exchange.next_chain()) exchange.end_turn(chain, chain->advance(exchange));
  };
  try {
    for (std::size_t i = 0; i < count; ++i) threads.emplace_back(serve);
  } catch (const std::system_error& error) {
    if (threads.empty()) {
      throw IoError(fmt::format("the system refuses to start a thread: {}", error.what()));
    }
  }
  return threads;
}

}  // namespace

DrawSink::~DrawSink() = default;

void DrawSink::checkpoint(std::size_t, const ChainState&) {}

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
  RunOutcome outcome(Halt halt) const;
  void write_all(Exchange& exchange, DrawSink& sink, Clock::time_point begun,
                 const std::function<void(const RunProgress&)>& report) const;

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

void Run::State::write_all(Exchange& exchange, DrawSink& sink, Clock::time_point begun,
                           const std::function<void(const RunProgress&)>& report) const {
  const auto& max_time = parts.plan.max_time;
  auto next_turn = begun + turn_length;
  auto next_report = begun + progress_period;
  while (!exchange.finished()) {
    if (auto delivery = exchange.next_delivery(next_turn)) {
      if (delivery->state) {
        sink.checkpoint(delivery->chain, *delivery->state);
      } else {
        sink.write(delivery->batch);
        exchange.give_back(std::move(delivery->batch));
      }
    }
    const auto now = Clock::now();
    if (now < next_turn) continue;
    next_turn = now + turn_length;
    exchange.new_turn();
    if (max_time && now - begun >= *max_time) exchange.halt(Halt::out_of_time);
    if (report && now >= next_report) {
      next_report = now + progress_period;
      report(progress(begun));
    }
  }
  if (report) report(progress(begun));
}

RunOutcome Run::State::outcome(Halt halt) const {
  RunOutcome result;
  result.draws = parts.plan.draws;
  for (std::size_t place = 0; place < chains.size(); ++place) {
    const auto& chain = chains[place];
    if (chain->failure()) {
      result.failed.push_back(place);
      result.failures.push_back(
          fmt::format("chain {}: {}", chain->number() + 1, *chain->failure()));
      continue;
    }
    result.draws = std::min(result.draws, chain->kept());
    result.warmup_seconds = std::max(result.warmup_seconds, chain->warmup_seconds());
    result.sampling_seconds = std::max(result.sampling_seconds, chain->sampling_seconds());
  }
  if (result.failed.size() == chains.size()) result.draws = 0;
  if (result.draws < parts.plan.draws && halt != Halt::none) {
    result.end =
        halt == Halt::out_of_time ? RunOutcome::End::out_of_time : RunOutcome::End::interrupted;
  }
  return result;
}

Run::Run(const ModelType& model, const ModelInput& input, const SamplerType& sampler,
         const Settings& sampler_settings, const RunPlan& plan)
    : state_(std::make_unique<State>(model, input, sampler, sampler_settings, plan)) {}

Run::~Run() = default;

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
    if (static_cast<std::size_t>(state.theta.size()) != layout().size() ||
        state.tuning.size() != tuning || state.warmed_up > plan.warmup + plan.warmup / 10 ||
        state.draws > plan.draws || (state.draws > 0 && state.warmed_up < plan.warmup)) {
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
  Exchange exchange(std::move(chains), buffer_count(state_->parts.plan, count, layout().size()));
  const std::stop_callback on_stop(stop, [&exchange] { exchange.halt(Halt::interrupted); });

  const auto begun = Clock::now();
  if (!exchange.halted()) state_->start();
  std::exception_ptr broken;
  {
    const std::vector<std::jthread> threads = start_threads(count, exchange);
    try {
      state_->write_all(exchange, sink, begun, progress);
    } catch (...) {
      broken = std::current_exception();
      exchange.halt(Halt::writer_failed);
    }
  }
  if (broken) std::rethrow_exception(broken);
  return state_->outcome(exchange.halt_reason());
}

RunOutcome run(const ModelType& model, const ModelInput& input, const SamplerType& sampler,
               const Settings& sampler_settings, const RunPlan& plan, DrawSink& sink,
               const std::function<void(const RunProgress&)>& progress, std::stop_token stop) {
  return Run(model, input, sampler, sampler_settings, plan).go(sink, progress, std::move(stop));
}

}  // namespace tarn
