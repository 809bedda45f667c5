// The prior predictive distribution beside the posterior's and the data.
#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "figures.hpp"
#include "parts.hpp"
#include "rows.hpp"
#include "tarn/model.hpp"
#include "tarn/prior.hpp"

namespace tarn::predictive_check {
namespace {

constexpr std::size_t most_draws = 200;
constexpr std::size_t most_rows = 1000;

/// Beyond so many standard deviations of the data to both sides, priors are told to be vague.
constexpr double vague = 100;

std::vector<double> sorted(std::vector<double> values) {
  std::ranges::sort(values);
  return values;
}

}  // namespace

void add_prior(const Fit& fit, const Matrix& thetas, Report& report) {
  const Design& design = fit.model->design;
  const auto model = fit.model->make();
  auto* prior = query<PriorDraws>(*model);
  auto* predictive = query<Predictive>(*model);
  const Rows rows = gathered(*design.rows, evenly(design.rows->count(), most_rows));

  std::vector<double> before, after;
  Vector theta(thetas.rows());
  Vector y(rows.y.size());
  const ResponseKind kind = kind_of(design);
  // Zeros and ones have no quantiles to speak of: their share has.
  const bool binary = kind == ResponseKind::binary;
  const auto add = [&](Vector response, std::vector<double>& to) {
    if (binary) return to.push_back(response.mean());
    for (Eigen::Index i = 0; i < response.size(); ++i) {
      if (kind != ResponseKind::successes) {
        to.push_back(response[i]);
      } else if (rows.trials[i] > 0) {
        to.push_back(response[i] / rows.trials[i]);
      }
    }
  };
  const auto predict = [&](ConstVectorRef from, Rng& rng, std::vector<double>& to) {
    predictive->predict(from, rows, y, rng);
    add(y, to);
  };
  for (const std::size_t k : evenly(as_size(thetas.cols()), most_draws)) {
    Rng rng({fit.seed, static_cast<std::uint32_t>(k), Purpose::prior});
    prior->draw_prior(theta, rng);
    predict(theta, rng, before);
    predict(thetas.col(as_index(k)), rng, after);
  }
  std::vector<double> data;
  add(rows.y, data);
  const std::vector<std::vector<double>> all{sorted(std::move(before)), sorted(std::move(after)),
                                             sorted(std::move(data))};
  const std::string what = binary ? "the share of 1 in " + design.response
                           : kind == ResponseKind::successes
                               ? "the shares of successes in " + design.response
                               : design.response;
  const std::vector<std::string> names{"priors alone", "posterior", "data"};
  ReportTable table{"prior_predictive", {"q05", "q25", "median", "q75", "q95"}, names, {}};
  table.title = binary ? "Prior and posterior predictive quantiles of the share of 1"
                       : "Prior and posterior predictive quantiles";
  for (const auto& values : all) {
    for (const double p : {0.05, 0.25, 0.5, 0.75, 0.95})
      table.values.push_back(quantile(values, p));
  }
  const double middle = table.at(2, 2);
  const double low = quantile(all[0], 0.005), high = quantile(all[0], 0.995);
  const double range = table.at(2, 4) - table.at(2, 0);
  if (middle < low || middle > high) {
    report.add(
        {Finding::Level::note,
         fmt::format("the priors put 99 % of {} between {:.3g} and {:.3g}, and the data lie "
                     "around {:.3g}: the priors contradict the data (tarn priors shows them)",
                     what, low, high, middle)});
  } else if (!binary && table.at(0, 4) - table.at(0, 0) > vague * range) {
    report.add({Finding::Level::note,
                fmt::format("the priors put 90 % of {} between {:.3g} and {:.3g}, more than {:g} "
                            "times as wide as the data: narrower ones would still be weak "
                            "(tarn priors shows them)",
                            what, table.at(0, 0), table.at(0, 4), vague)});
  }
  if (fit.wants_figures) {
    FigureData quantiles{"quantiles", {{"source", {}, names}}};
    for (std::size_t k = 0; k < table.columns.size(); ++k) {
      FigureColumn column{table.columns[k]};
      for (std::size_t row = 0; row < names.size(); ++row)
        column.numbers.push_back(table.at(row, k));
      quantiles.columns.push_back(std::move(column));
    }
    report.add(Figure{
        .name = "prior_predictive",
        .title = fmt::format("{}: prior predictive, posterior predictive and data", what),
        .caption =
            "Thick lines hold the central half of the values, thin ones 90 %; points are "
            "medians. The prior predictive interval should contain the data and not be far wider.",
        .specification = with_words(figures::prior_predictive, {{"response", what}}),
        .data = {std::move(quantiles)}});
  }
  report.add(std::move(table));
}

}  // namespace tarn::predictive_check
