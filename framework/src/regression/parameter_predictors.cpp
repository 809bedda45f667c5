// From predictors to parameters of rows by inverse links, and back by the chain rule.
#include "regression/parameter_predictors.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <Eigen/Cholesky>

#include "regression/row_blocks.hpp"
#include "tarn/error.hpp"

namespace tarn::regression {
namespace {

/// The inverse link where it neither overflows nor rounds to an end of its range: a density of rows
/// stays finite there.
double to_parameter(Link link, double eta) {
  switch (link) {
    case Link::log:
      return std::exp(std::clamp(eta, -700.0, 700.0));
    case Link::logit:
      return to_mean(link, std::clamp(eta, -700.0, 36.0));
    default:
      return eta;
  }
}

/// Its derivative, by the parameter.
double slope_at(Link link, double parameter) {
  switch (link) {
    case Link::log:
      return parameter;
    case Link::logit:
      return parameter * (1 - parameter);
    default:
      return 1;
  }
}

}  // namespace

bool predicts_with_groups(const Design& design) {
  return std::ranges::any_of(
      design.predictors, [](const PredictorDesign& predictor) { return !predictor.terms.empty(); });
}

ParameterPredictors::ParameterPredictors(const Design& design, const Priors& priors)
    : design_(&design) {
  const std::vector<FamilyParameter> parameters = design.family->parameters(design);
  for (const PredictorDesign& predictor : design.predictors) {
    Eigen::Index element = 0;
    const auto found = std::ranges::find_if(parameters, [&](const FamilyParameter& parameter) {
      if (parameter.block.name == predictor.parameter) return true;
      element += static_cast<Eigen::Index>(parameter.block.size());
      return false;
    });
    if (found == parameters.end()) {
      throw PluginError("a family has no parameter '" + predictor.parameter +
                        "', which has a predictor");
    }
    const bool of_response = found->prior.subject.kind == Subject::Kind::residual_sd;
    predicted_.push_back({{predictor, priors, all_groupings(predictor)},
                          parameter_link(found->block.support),
                          element,
                          of_response ? std::log(0.7 * predictor_scale(design).sd) : 0,
                          column_sizes(predictor).cwiseInverse()});
  }
  Eigen::Index element = 0;
  for (const FamilyParameter& parameter : parameters) {
    const bool is_predicted = design.predictor_of(parameter.block.name) != nullptr;
    for (std::size_t e = 0; e < parameter.block.size(); ++e, ++element) {
      if (!is_predicted) elements_.push_back(element);
    }
  }
}

PredictorValues ParameterPredictors::empty() const {
  PredictorValues all;
  for (const Predicted& predicted : predicted_) all.push_back(predicted.terms.empty());
  return all;
}

void ParameterPredictors::add_to(Layout& layout) {
  for (Predicted& predicted : predicted_) predicted.terms.add_coefficients(layout);
}

void ParameterPredictors::add_groups_to(Layout& layout) {
  for (Predicted& predicted : predicted_) predicted.terms.add_groups(layout);
}

void ParameterPredictors::add_working_to(Layout& layout) {
  is_working_ = true;
  for (Predicted& predicted : predicted_) {
    Block b = coefficient_block(predicted.terms.design());
    b.centering.clear();
    predicted.working = layout.add(std::move(b));
  }
}

void ParameterPredictors::read(const Layout& layout, ConstVectorRef theta,
                               PredictorValues& now) const {
  for (std::size_t k = 0; k < predicted_.size(); ++k) {
    const Predicted& own = predicted_[k];
    if (is_working_) {
      now[k].b = layout.of(theta, own.working).cwiseProduct(own.unit);
    } else {
      own.terms.read(layout, theta, now[k]);
    }
  }
}

void ParameterPredictors::write(const PredictorValues& now, const Layout& layout,
                                VectorRef theta) const {
  for (std::size_t k = 0; k < predicted_.size(); ++k) {
    const Predicted& own = predicted_[k];
    if (is_working_) {
      layout.of(theta, own.working) = now[k].b.cwiseQuotient(own.unit);
    } else {
      own.terms.write(now[k], layout, theta);
    }
  }
}

void ParameterPredictors::write_gradient(PredictorValues& slope, const Layout& layout,
                                         VectorRef gradient) const {
  for (std::size_t k = 0; k < predicted_.size(); ++k) {
    const Predicted& own = predicted_[k];
    if (is_working_) {
      layout.of(gradient, own.working) = slope[k].b.cwiseProduct(own.unit);
    } else {
      own.terms.write_gradient(slope[k], layout, gradient);
    }
  }
}

void ParameterPredictors::derive(const Layout& layout, VectorRef theta) const {
  for (const Predicted& predicted : predicted_) predicted.terms.derive(layout, theta);
}

void ParameterPredictors::of_rows(const Vector& psi, const PredictorValues& now, const Rows& rows,
                                  Matrix& whole) const {
  if (!any()) {
    whole = psi.transpose();
    return;
  }
  whole.resize(rows.y.size(), psi.size() + std::ssize(predicted_));
  for (Eigen::Index k = 0; k < psi.size(); ++k) {
    whole.col(elements_[static_cast<std::size_t>(k)]).setConstant(psi[k]);
  }
  Vector eta(rows.y.size());
  for (std::size_t k = 0; k < predicted_.size(); ++k) {
    const Predicted& own = predicted_[k];
    own.terms.predict(now[k], rows.predictors[k], eta);
    whole.col(own.element) = eta.unaryExpr([&](double x) { return to_parameter(own.link, x); });
  }
}

void ParameterPredictors::add_slopes(const Rows& rows, const Matrix& whole, const Matrix& by_row,
                                     Vector& of_psi, PredictorValues& slope) const {
  if (!any()) {
    of_psi += by_row.colwise().sum().transpose();
    return;
  }
  for (std::size_t k = 0; k < elements_.size(); ++k) {
    of_psi[static_cast<Eigen::Index>(k)] += by_row.col(elements_[k]).sum();
  }
  for (std::size_t k = 0; k < predicted_.size(); ++k) {
    const Predicted& own = predicted_[k];
    const Vector by_eta = by_row.col(own.element)
                              .cwiseProduct(whole.col(own.element).unaryExpr([&](double parameter) {
                                return slope_at(own.link, parameter);
                              }));
    own.terms.add_scores(rows.predictors[k], by_eta, slope[k]);
  }
}

// None of these priors scales with a sigma: 1 stands for it.

double ParameterPredictors::log_prior(const PredictorValues& now) const {
  double sum = 0;
  for (std::size_t k = 0; k < predicted_.size(); ++k) {
    sum += predicted_[k].terms.log_prior(now[k], 1);
  }
  return sum;
}

double ParameterPredictors::log_density(const PredictorValues& now) const {
  double sum = 0;
  for (std::size_t k = 0; k < predicted_.size(); ++k) {
    sum += predicted_[k].terms.log_density(now[k], 1);
  }
  return sum;
}

double ParameterPredictors::log_density_gradient(const PredictorValues& now,
                                                 PredictorValues& slope) const {
  double sum = 0, of_sigma = 0;
  for (std::size_t k = 0; k < predicted_.size(); ++k) {
    sum += predicted_[k].terms.log_density_gradient(now[k], 1, slope[k], of_sigma);
  }
  return sum;
}

void ParameterPredictors::draw_prior(PredictorValues& now, Rng& rng) const {
  for (std::size_t k = 0; k < predicted_.size(); ++k) {
    predicted_[k].terms.draw_prior(now[k], 1, rng);
  }
}

void ParameterPredictors::start(PredictorValues& now, Rng& rng) const {
  for (std::size_t k = 0; k < predicted_.size(); ++k) {
    const Predicted& own = predicted_[k];
    own.terms.start({own.middle, 1}, now[k], rng);
    if (!own.terms.design().has_intercept && own.middle != 0) start_without_intercept(k, now[k]);
  }
}

/// Adds the coefficients that come closest to the middle in all rows.
void ParameterPredictors::start_without_intercept(std::size_t k, Values& now) const {
  const Eigen::Index p = predicted_[k].terms.p();
  Matrix squares = Matrix::Zero(p, p);
  Vector sums = Vector::Zero(p);
  for (const RowBlock& block : design_->derived<RowBlocks>().all) {
    const Matrix& X = block.rows.predictors[k].X;
    squares += X.transpose() * X;
    sums += predicted_[k].middle * X.colwise().sum().transpose();
  }
  now.b += squares.ldlt().solve(sums);
}

const ParameterPredictors::Predicted& ParameterPredictors::with_grouping(
    std::size_t& number) const {
  for (const Predicted& predicted : predicted_) {
    if (number < predicted.terms.factors()) return predicted;
    number -= predicted.terms.factors();
  }
  throw PluginError("there is no grouping of this number");
}

void ParameterPredictors::draw_level(std::size_t number, std::size_t level, const Layout& layout,
                                     VectorRef theta, Rng& rng) const {
  const Terms& terms = with_grouping(number).terms;
  terms.draw_level(terms.factor_of(number), level, layout, theta, rng);
}

void ParameterPredictors::center_level(std::size_t number, std::size_t level, const Layout& layout,
                                       VectorRef theta) const {
  const Terms& terms = with_grouping(number).terms;
  terms.center_level(terms.factor_of(number), level, layout, theta);
}

}  // namespace tarn::regression
