// The run of a chain file, once more.
#include "fits/refitting.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "fitting/configuration.hpp"
#include "tarn/index.hpp"

namespace tarn::launcher {
namespace {

constexpr double worth_seconds = 60;        // that a judgement may take
constexpr double shortest_refit = 0.05;     // set-up
constexpr std::size_t enough_draws = 1000;  // of each chain

}  // namespace

Refitting::Refitting(const LoadedFit& fit) : fit_(fit) {
  if (fit.model() == nullptr) return;
  try {
    const auto& sampler = fit.config().at("sampler");
    const auto found = fit.registry().sampler(sampler.at("name").get<std::string>());
    settings_ = Settings(found.type->settings, settings_of(sampler.at("settings")),
                         fmt::format("sampler '{}'", found.type->name));
    const auto& run = fit.config().at("run");
    const Draws& draws = fit.file().posterior();
    plan_ = {.chains = draws.chains(),
             .warmup = run.at("warmup").get<std::size_t>(),
             .draws = std::min(draws.draws(), enough_draws),
             .thin = run.at("thin").get<std::size_t>(),
             .seed = std::stoull(run.at("seed").get<std::string>())};
    sampler_ = found.type;
  } catch (const Error&) {  // another plugin than then: the fit can be judged, not made again
  } catch (const nlohmann::json::exception&) {
  } catch (const std::logic_error&) {  // no seed
  }
}

void Refitting::offer(Fit& to) const {
  if (sampler_ == nullptr) return;
  const FittedModel& model = *fit_.model();
  to.refit = [this, &model](const std::vector<std::size_t>& left_out, std::uint32_t number) {
    return refit({model.type,
                  {model.design, model.priors, fit_.model_settings()},
                  *sampler_,
                  settings_,
                  plan_},
                 left_out, number);
  };
  // Warm-up takes about as long as the draws.
  const double each = std::max(2 * fit_.file().sampling_seconds(), shortest_refit);
  to.most_refits = static_cast<std::size_t>(worth_seconds / each);
}

}  // namespace tarn::launcher
