// Distribution functions against their band, and what is wrong with those outside.
#include "simulation/calibration_verdict.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "report/text_table.hpp"
#include "tarn/ecdf_band.hpp"
#include "tarn/vector.hpp"

namespace tarn::launcher {
namespace {

/// What is wrong, from mean and sd of the ranks, whichever is further from those of uniform
/// ones: the mean of n has a standard error of 1 / sqrt(12 n), their standard deviation one of
/// 1 / sqrt(5 n) of itself.
std::string in_words(double mean, double rank_sd, double count) {
  const double shift = (mean - 0.5) * std::sqrt(12 * count);
  const double stretch = (rank_sd - 1) * std::sqrt(5 * count);
  if (std::max(std::abs(shift), std::abs(stretch)) < 2) return "ranks are not uniform";
  if (std::abs(shift) > std::abs(stretch)) {
    return shift > 0 ? "the posterior lies too low" : "the posterior lies too high";
  }
  return stretch > 0 ? "the posterior is too narrow" : "the posterior is too wide";
}

}  // namespace

std::vector<Verdict> evaluate(const std::vector<Ranked>& sets,
                              const std::vector<std::string>& quantities) {
  const double count = double(sets.size());
  const double each = 1 - (1 - probability) / double(quantities.size());
  const EcdfBand band = ecdf_band(sets.size(), ranked + 1, each);
  std::vector<Verdict> all;
  for (std::size_t q = 0; q < quantities.size(); ++q) {
    std::vector<double> shares;
    Vector middle(Eigen::Index(sets.size()));  // of the rank's bin
    for (const Ranked& set : sets) {
      const double rank = double(set.ranks[q]);
      middle[Eigen::Index(shares.size())] = (rank + 0.5) / double(ranked + 1);
      shares.push_back((rank + 1) / double(ranked + 1));
    }
    const std::vector<double> ecdf = band.ecdf(shares);
    Verdict verdict{.name = quantities[q]};
    verdict.within = band.leaves(ecdf) == band.at.size();
    for (std::size_t k = 0; k < ecdf.size(); ++k) {
      const double off = ecdf[k] - band.at[k];
      if (std::abs(off) > std::abs(verdict.distance)) verdict.distance = off;
    }
    verdict.mean = middle.mean();
    verdict.rank_sd =
        std::sqrt(12 * (middle.array() - verdict.mean).square().sum() / std::max(1.0, count - 1));
    verdict.words = verdict.within ? "calibrated" : in_words(verdict.mean, verdict.rank_sd, count);
    all.push_back(std::move(verdict));
  }
  return all;
}

std::string as_text(const std::vector<Verdict>& verdicts) {
  using Align = TextTable::Align;
  TextTable table({{"quantity", Align::left},
                   {"mean rank", Align::point},
                   {"rank sd", Align::point},
                   {"distance", Align::point},
                   {"", Align::left}});
  for (const Verdict& verdict : verdicts) {
    table.add({verdict.name, fmt::format("{:.3f}", verdict.mean),
               fmt::format("{:.2f}", verdict.rank_sd), fmt::format("{:+.3f}", verdict.distance),
               verdict.words});
  }
  return table.text();
}

}  // namespace tarn::launcher
