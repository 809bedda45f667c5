// The parameters of a family: element by element, but for blocks whose elements ascend.
#include <algorithm>
#include <cmath>
#include <limits>

#include "regression/regression.hpp"
#include "tarn/error.hpp"
#include "tarn/index.hpp"
#include "tarn/scale.hpp"

namespace tarn::regression {

FamilyParameters::FamilyParameters(const Design& design, const Priors& priors) : design_(&design) {
  const bool centred = design.center.size() > 0 && !design.center.isZero(0);
  for (FamilyParameter& parameter : design.family->parameters(design)) {
    if (design.predictor_of(parameter.block.name) != nullptr) continue;
    const ParameterPrior& prior = priors.of(parameter.prior.keys.front());
    Part part{std::move(parameter.block), size(), std::move(parameter.start), &prior};
    part.moves = centred && parameter.prior.subject.kind == Subject::Kind::cut;
    priors_.insert(priors_.end(), part.block.size(), &prior);
    if (part.ordered() && !prior.density.proper()) check_proper(part);
    parts_.push_back(std::move(part));
  }
}

void FamilyParameters::check_proper(const Part& part) const {
  std::vector<double> count(part.block.size() + 1, 0);
  for_each_block(*design_->rows, 4096, [&](const Rows& rows) {
    for (const double y : rows.y) {
      if (y >= 1 && y <= static_cast<double>(count.size()))
        ++count[static_cast<std::size_t>(y) - 1];
    }
  });
  const auto unseen = std::ranges::find(count, 0.0);
  if (unseen == count.end()) return;
  const std::size_t k = as_size(unseen - count.begin());
  throw InputError("with the flat prior '" + part.prior->text() +
                   "' the posterior is improper, for no row has category " +
                   (k < design_->categories.size() ? "'" + design_->categories[k] + "'"
                                                   : std::to_string(k + 1)) +
                   "; give it a proper prior such as normal");
}

void FamilyParameters::add_to(Layout& layout) {
  for (Part& part : parts_) {
    if (!part.moves) {
      part.place = layout.add(part.block);
      continue;
    }
    Block user = part.block;
    user.derived = true;
    part.user = layout.add(std::move(user));
    Block working = part.block;
    working.name = "centered_" + working.name;
    working.describes += ", at the covariates' means";
    working.internal = true;
    part.place = layout.add(std::move(working));
  }
}

void FamilyParameters::add_working_to(Layout& layout) {
  for (Part& part : parts_) part.place = layout.add(part.block);
}

void FamilyParameters::read(const Layout& layout, ConstVectorRef theta, Vector& psi) const {
  for (const Part& part : parts_) part.of(psi) = layout.of(theta, part.place);
}

void FamilyParameters::write(const Vector& psi, const Layout& layout, VectorRef theta) const {
  for (const Part& part : parts_) layout.of(theta, part.place) = part.of(psi);
}

void FamilyParameters::write_gradient(const Vector& slope, const Layout& layout,
                                      VectorRef gradient) const {
  write(slope, layout, gradient);
  for (const Part& part : parts_) {
    if (part.user) layout.of(gradient, *part.user).setZero();
  }
}

void FamilyParameters::derive(std::size_t b, const Layout& layout, VectorRef theta) const {
  for (const Part& part : parts_) {
    if (!part.user) continue;
    const double shift = design_->center.dot(layout.of(theta, b));
    layout.of(theta, *part.user) = layout.of(theta, part.place).array() + shift;
  }
}

double FamilyParameters::log_prior(const Vector& psi) const {
  double sum = 0;
  for (Eigen::Index k = 0; k < psi.size(); ++k) sum += prior(k).log_density(psi[k]);
  for (const Part& part : parts_) {
    if (!part.ordered()) continue;
    const auto own = part.of(psi);
    if (std::ranges::adjacent_find(own, std::greater_equal<>()) != own.end()) {
      return -std::numeric_limits<double>::infinity();
    }
    sum += std::lgamma(static_cast<double>(own.size()) + 1);  // of so many orders one is left
  }
  return sum;
}

void FamilyParameters::add_scores(const Vector& psi, Vector& slope) const {
  for (Eigen::Index k = 0; k < psi.size(); ++k) slope[k] += prior(k).score(psi[k]);
}

void FamilyParameters::draw_prior(Vector& psi, Rng& rng) const {
  for (Eigen::Index k = 0; k < psi.size(); ++k) psi[k] = prior(k).draw(rng);
  for (const Part& part : parts_) {
    if (part.ordered()) std::ranges::sort(part.of(psi));
  }
}

void FamilyParameters::start(double guess, Vector& psi, Rng& rng) const {
  for (const Part& part : parts_) {
    auto own = part.of(psi);
    if (part.ordered()) {
      start_ordered(part, guess, own, rng);
      continue;
    }
    const bool of_response = part.prior->parameter.subject.kind == Subject::Kind::residual_sd;
    for (double& x : own) x = start_scale(*part.prior, of_response ? guess : 1, rng);
  }
}

/// About the family's guess, wider or narrower and to one side; or from the prior.
void FamilyParameters::start_ordered(const Part& part, double guess, Eigen::Ref<Vector> own,
                                     Rng& rng) const {
  const auto possible = [&] {
    return std::ranges::all_of(own,
                               [&](double x) { return std::isfinite(part.prior->log_density(x)); });
  };
  if (part.start.size() == own.size()) {
    const double middle = part.start.mean();
    const double stretch = std::exp(0.3 * rng.normal());
    const double shift = 0.5 * guess * rng.normal();
    own = (part.start.array() - middle) * stretch + middle + shift;
    if (possible()) return;
  }
  for (double& x : own) x = part.prior->draw(rng);
  std::ranges::sort(own);
}

}  // namespace tarn::regression
