// One model and one sampler on one data set, with the capabilities that make them testable.
#pragma once

#include <memory>
#include <vector>

#include "pairs.hpp"

namespace tarn::test {

class Kernel {
 public:
  Kernel(const Pair& pair, Design design)
      : design_(std::move(design)),
        type_(*registry().model(pair.model).type),
        sampler_type_(*registry().sampler(pair.sampler).type),
        priors_(type_.parameters(design_), pair.priors),
        settings_(type_.settings, {}, pair.model),
        sampler_settings_(sampler_type_.settings, pair.settings, pair.sampler),
        model_(type_.make({design_, priors_, settings_})),
        sampler_(sampler_type_.make(*model_, sampler_settings_)),
        stats_(sampler_->statistics().size()) {}

  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  const Layout& layout() const { return model_->layout(); }
  Vector start(Rng& rng) {
    Vector theta(static_cast<Eigen::Index>(layout().size()));
    model_->start(theta, rng);
    return theta;
  }
  Vector draw_prior(Rng& rng) {
    Vector theta(static_cast<Eigen::Index>(layout().size()));
    query<PriorDraws>(*model_)->draw_prior(theta, rng);
    return theta;
  }
  Vector predict(const Vector& theta, Rng& rng) {
    const Rows rows = design_.all_rows();
    Vector y(rows.y.size());
    query<Predictive>(*model_)->predict(theta, rows, y, rng);
    return y;
  }
  void step(Vector& theta, Rng& rng) { sampler_->step(theta, stats_, rng); }
  void warm_up(Vector& theta, Rng& rng, std::size_t total) {
    for (std::size_t i = 0; i < total; ++i) sampler_->warm_up(theta, stats_, rng, {i, total});
    sampler_->end_warm_up();
  }
  std::vector<double> tuning() const { return sampler_->tuning(); }
  void restore(const std::vector<double>& tuning) { sampler_->restore(tuning); }
  double log_density(const Vector& theta) { return query<LogDensity>(*model_)->log_density(theta); }

  /// What the tests look at: the population parameters, two groups, and the log density.
  static std::vector<std::size_t> looked_at(const Layout& layout) {
    std::vector<std::size_t> elements;
    for (std::size_t k = 0; k < layout.blocks(); ++k) {
      const bool effects = layout.block(k).name.starts_with("r_");
      const std::size_t count = effects ? 2 : layout.block(k).size();
      for (std::size_t i = 0; i < count; ++i) {
        if (layout.block(k).is_own(i)) elements.push_back(layout.offset(k) + i);
      }
    }
    return elements;
  }

 private:
  Design design_;
  const ModelType& type_;
  const SamplerType& sampler_type_;
  Priors priors_;
  Settings settings_;
  Settings sampler_settings_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<Sampler> sampler_;
  std::vector<double> stats_;
};

}  // namespace tarn::test
