// The diagnostic `predictive_check`: does the model make data like those it was fitted to?
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "parts.hpp"
#include "tarn/plugin.hpp"

namespace tarn::predictive_check {
namespace {

constexpr std::size_t fewest_draws = 40;  // else no tail of 2.5 % holds a replicate

}  // namespace

class PredictiveCheck final : public Diagnostic {
 public:
  static constexpr std::string_view title =
      "Posterior predictive check: does the model make such data?";
  static constexpr int place = 50;

  static std::vector<std::string_view> needs() { return {"model", Predictive::id}; }

  static std::vector<Setting> settings() {
    return {{"replicates", "responses drawn from the posterior", std::int64_t{400}, {}, 40, 1e5},
            {"worst", "at most so many groups in a table", std::int64_t{10}, {}, 0, 1e6},
            {"loo_rows",
             "leave-one-out of at most so many rows, evenly spaced; 0: none",
             std::int64_t{2000},
             {},
             0,
             1e7},
            {"loo_draws", "of at most so many draws", std::int64_t{4000}, {}, 100, 1e6},
            {"prior", "what the priors alone would predict, where they are proper", true}};
  }

  explicit PredictiveCheck(const Settings& settings)
      : replicates_(as_size(settings.integer("replicates"))),
        worst_(as_size(settings.integer("worst"))),
        loo_rows_(as_size(settings.integer("loo_rows"))),
        loo_draws_(as_size(settings.integer("loo_draws"))),
        prior_(settings.flag("prior")) {}

  void evaluate(const Fit& fit, Report& report) override {
    const std::size_t draws = fit.posterior.chains() * fit.posterior.draws();
    if (draws < fewest_draws) {
      report.add({Finding::Level::bad,
                  fmt::format("{} draws in all are too few for a predictive check, which needs {} "
                              "at least; run longer: --draws 1000",
                              draws, fewest_draws)});
      return;
    }
    const Matrix thetas = some_draws(fit.posterior, replicates_);
    {
      const Replicated replicated = replicate(fit, thetas);
      add_statistics(fit, replicated, report);
      add_frequencies(fit, replicated, report);
      add_curves(fit, replicated, report);
      add_groups(fit, replicated, worst_, report);
    }
    if (loo_rows_ > 0 && offers(fit, PointwiseLogLikelihood::id) && draws >= 100) {
      add_loo_pit(fit, loo_pit(fit, loo_rows_, loo_draws_), report);
      if (is_calibrated(fit)) {
        add_calibration(fit, reliability(predicted(fit, loo_rows_, loo_draws_)), report);
      }
    }
    if (prior_ && offers(fit, PriorDraws::id) && fit.model->priors.proper()) {
      add_prior(fit, thetas, report);
    }
  }

 private:
  static bool offers(const Fit& fit, std::string_view capability) {
    return std::ranges::find(fit.model->type.offers, capability) != fit.model->type.offers.end();
  }

  /// Whether the response's mean is a probability or a proportion.
  static bool is_calibrated(const Fit& fit) {
    const ResponseKind kind = kind_of(fit.model->design);
    return offers(fit, Expectation::id) &&
           (kind == ResponseKind::binary || kind == ResponseKind::successes ||
            kind == ResponseKind::proportion);
  }

  std::size_t replicates_;
  std::size_t worst_;
  std::size_t loo_rows_;
  std::size_t loo_draws_;
  bool prior_;
};

}  // namespace tarn::predictive_check

TARN_PLUGIN("predictive_check", "0.3.0") {
  plugin.diagnostic<tarn::predictive_check::PredictiveCheck>(
      "predictive_check",
      "data against data drawn from the posterior: statistics, groups, LOO-PIT");
}
