// The parameters of a family, element by element.
#include "regression/regression.hpp"
#include "tarn/scale.hpp"

namespace tarn::regression {

FamilyParameters::FamilyParameters(const Design& design, const Priors& priors) {
  for (FamilyParameter& parameter : design.family->parameters(design)) {
    if (design.predictor_of(parameter.block.name) != nullptr) continue;
    for (std::size_t e = 0; e < parameter.block.size(); ++e) {
      priors_.push_back(&priors.of(parameter.prior.keys.front()));
    }
    declared_.push_back(std::move(parameter.block));
  }
}

void FamilyParameters::add_to(Layout& layout) {
  for (const Block& block : declared_) blocks_.push_back(layout.add(block));
}

void FamilyParameters::read(const Layout& layout, ConstVectorRef theta, Vector& psi) const {
  Eigen::Index at = 0;
  for (const std::size_t block : blocks_) {
    const auto values = layout.of(theta, block);
    psi.segment(at, values.size()) = values;
    at += values.size();
  }
}

void FamilyParameters::write(const Vector& psi, const Layout& layout, VectorRef theta) const {
  Eigen::Index at = 0;
  for (const std::size_t block : blocks_) {
    auto values = layout.of(theta, block);
    values = psi.segment(at, values.size());
    at += values.size();
  }
}

double FamilyParameters::log_prior(const Vector& psi) const {
  double sum = 0;
  for (Eigen::Index k = 0; k < psi.size(); ++k) sum += prior(k).log_density(psi[k]);
  return sum;
}

void FamilyParameters::add_scores(const Vector& psi, Vector& slope) const {
  for (Eigen::Index k = 0; k < psi.size(); ++k) slope[k] += prior(k).score(psi[k]);
}

void FamilyParameters::draw_prior(Vector& psi, Rng& rng) const {
  for (Eigen::Index k = 0; k < psi.size(); ++k) psi[k] = prior(k).draw(rng);
}

void FamilyParameters::start(double guess, Vector& psi, Rng& rng) const {
  for (Eigen::Index k = 0; k < psi.size(); ++k) {
    const bool of_response = prior(k).parameter.subject.kind == Subject::Kind::residual_sd;
    psi[k] = start_scale(prior(k), of_response ? guess : 1, rng);  // others have no units
  }
}

}  // namespace tarn::regression
