// Ranks of true values among posterior draws, and how far from uniform they are.
#pragma once

#include <algorithm>
#include <array>
#include <thread>

#include "kernel.hpp"
#include "tarn/calibration.hpp"

namespace tarn::test {

inline constexpr std::size_t ranked = 99;  // draws per replicate: ranks 0 .. 99

/// Ranks of the true values, one row per quantity (those looked at, and the log density), one
/// column per replicate. `spoil` may change the draws, and `instead` be another model, to show that
/// the test sees it.
template <class Spoil>
Eigen::MatrixXi ranks_of(const Pair& pair, const Spoil& spoil, const ModelType* instead = nullptr) {
  const Design design = design_of(pair);
  const ModelType& model = instead != nullptr ? *instead : *registry().model(pair.model).type;
  const SamplerType& sampler = *registry().sampler(pair.sampler).type;
  const Priors priors(model.parameters(design), pair.priors);
  const Settings settings(model.settings, {}, pair.model);
  const Settings sampler_settings(sampler.settings, pair.settings, pair.sampler);
  const ModelInput input{design, priors, settings};
  const auto elements = Kernel::looked_at(model.make(input)->layout());
  const Quantities quantities = [&](Model& of, const Design&, ConstVectorRef theta) {
    Vector all(static_cast<Eigen::Index>(elements.size() + 1));
    all.head(all.size() - 1) = theta(elements);
    all[all.size() - 1] = query<LogDensity>(of)->log_density(theta);
    return all;
  };
  // Starts lie far apart, and a sweep of single blocks forgets slowly where an sd is near 0.
  const bool slow = std::ranges::find(pair.settings, "scheme=plain") != pair.settings.end();
  const CalibrationPlan plan{
      .seed = 99, .warmup = (slow ? 100 : 20) * pair.thin, .draws = ranked, .thin = pair.thin};
  Eigen::MatrixXi rank(static_cast<Eigen::Index>(elements.size() + 1),
                       static_cast<Eigen::Index>(pair.replicates));

  const auto fit = [&](std::size_t r) {
    Replicate made = replicate(model, input, sampler, sampler_settings, plan,
                               static_cast<std::uint32_t>(r), quantities);
    spoil(made.draws);
    Rng ties({99, static_cast<std::uint32_t>(r), Purpose::prior, 1});
    const std::vector<std::size_t> below = ranks(made, ranked, ties);
    for (std::size_t q = 0; q < below.size(); ++q) {
      rank(static_cast<Eigen::Index>(q), static_cast<Eigen::Index>(r)) = static_cast<int>(below[q]);
    }
  };
  std::jthread even([&] {
    for (std::size_t r = 0; r < pair.replicates; r += 2) fit(r);
  });
  for (std::size_t r = 1; r < pair.replicates; r += 2) fit(r);
  even.join();
  return rank;
}

/// Chi-square statistic of the ranks' histogram.
template <std::size_t bins = 20>
double chi_square(const Eigen::MatrixXi& rank, Eigen::Index quantity) {
  std::array<double, bins> count{};
  for (Eigen::Index r = 0; r < rank.cols(); ++r) {
    count[static_cast<std::size_t>(rank(quantity, r)) * bins / (ranked + 1)] += 1;
  }
  const double expected = static_cast<double>(rank.cols()) / bins;
  double sum = 0;
  for (const double c : count) sum += (c - expected) * (c - expected) / expected;
  return sum;
}

}  // namespace tarn::test
