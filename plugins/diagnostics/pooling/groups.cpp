// Estimates of every group, and their shrinkage. Draws are read a few parameters at a time.
#include "groups.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include "elements.hpp"
#include "maximum_likelihood.hpp"
#include "tarn/covariance.hpp"
#include "tarn/family.hpp"
#include "tarn/prior.hpp"
#include "tarn/statistics/quantile.hpp"
#include "triangles.hpp"

namespace tarn::pooling {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t averaged_draws = 100;  // that shrinkage is averaged over
constexpr double lower_tail = 0.025;

/// Sigma and sigma (of each level, or one) in some of the draws.
struct CovarianceDraws {
  std::vector<Matrix> factors;  // of Sigma, in working coordinates
  std::vector<Centering> centering;
  std::vector<Vector> sigma;
};

void read_block(const Draws& draws, std::size_t block, const std::vector<std::size_t>& chosen,
                std::vector<Vector>& thetas) {
  const auto offset = as_index(draws.layout().offset(block));
  for_elements(draws, block, [&](std::size_t element, const auto& x) {
    for (std::size_t s = 0; s < chosen.size(); ++s) {
      thetas[s][offset + as_index(element)] = x[as_index(chosen[s])];
    }
  });
}

CovarianceDraws covariance_draws_of(const Fit& fit, std::size_t grouping) {
  const Draws& draws = fit.posterior;
  const Layout& layout = draws.layout();
  const Design& design = fit.model->design;
  for (const std::string& column : columns_on(design, grouping)) {
    const std::string& g = design.groupings[grouping].name;
    const Priors& priors = fit.model->priors;
    if (priors.find({Subject::Kind::group_sd, column, g}) == nullptr &&
        priors.find({Subject::Kind::group_covariance, {}, g}) == nullptr) {
      return {};
    }
  }
  const GroupCovariance covariance(design, fit.model->priors, grouping);
  const auto place = covariance.find_in(layout);
  const auto sigma = layout.find("sigma");
  const auto by_level = layout.find("sigma_" + design.groupings[grouping].variable());
  // Of other families the information holds all that sigma would say.
  const bool scaled = is_normal(design) && !design.known_errors;
  if (!place || (scaled && !sigma && !by_level)) return {};

  const std::size_t total = draws.chains() * draws.draws();
  const std::size_t count = std::min(total, averaged_draws);
  std::vector<std::size_t> chosen(count);
  for (std::size_t s = 0; s < count; ++s) chosen[s] = s * total / count;
  std::vector<Vector> thetas(count, Vector::Zero(as_index(layout.size())));
  read_block(draws, place->sd, chosen, thetas);
  for (const std::size_t c : place->correlations) read_block(draws, c, chosen, thetas);
  if (scaled) read_block(draws, by_level ? *by_level : *sigma, chosen, thetas);

  CovarianceDraws draws_of_both;
  draws_of_both.centering = covariance.centering();
  for (const Vector& theta : thetas) {
    const auto& at = static_cast<ConstVectorRef>(theta);
    draws_of_both.factors.push_back(covariance.read(layout, *place, at).factor());
    draws_of_both.sigma.push_back(!scaled    ? Vector::Ones(1)
                                  : by_level ? Vector(layout.of(at, *by_level))
                                             : Vector(layout.of(at, *sigma)));
  }
  return draws_of_both;
}

/// What the rows of a group leave of the prior variance of its effects,
///   Var(r_jk | y, ...) / Sigma_kk,   Var = L (I + L'R'R L / sigma^2)^-1 L',
/// averaged over draws, for the user's effects: sigma^2 / (sigma^2 + n sd^2) where there is an
/// intercept alone.
Vector shrinkage_of(const Matrix& R, const CovarianceDraws& draws_of_both, Eigen::Index level) {
  const Eigen::Index q = R.cols();
  Vector sum = Vector::Zero(q);
  for (std::size_t s = 0; s < draws_of_both.factors.size(); ++s) {
    const Matrix& L = draws_of_both.factors[s];
    const Vector& sigma = draws_of_both.sigma[s];
    const Matrix W = R * L / sigma[sigma.size() > 1 ? level : 0];
    const Eigen::LLT<Matrix> G(Matrix::Identity(q, q) + W.transpose() * W);
    Matrix user = L;
    for (const Centering& centering : draws_of_both.centering) centering.to_user(user);
    const Matrix left = G.matrixL().solve(user.transpose());
    sum += (left.colwise().squaredNorm().transpose().array() / user.rowwise().squaredNorm().array())
               .matrix();
  }
  return sum / static_cast<double>(draws_of_both.factors.size());
}

/// Of the effects of one column over the draws, for the pooling factor.
struct Variation {
  explicit Variation(Eigen::Index draws) : sum(Vector::Zero(draws)), squares(sum) {}
  Vector sum, squares;  // over the groups, in each draw

  /// 1 - Var_j(E r_j) / E(Var_j r_j) (Gelman & Pardoe 2006, equation 2).
  double pooling_factor(const Vector& means) const {
    const auto J = static_cast<double>(means.size());
    const double of_means = (means.array() - means.mean()).square().sum() / (J - 1);
    const double within = ((squares.array() - sum.array().square() / J) / (J - 1)).mean();
    return 1 - of_means / within;
  }
};

void summarise_effects(const Fit& fit, std::size_t block, Groups& groups) {
  const auto q = groups.terms.size();
  const auto S = as_index(fit.posterior.chains() * fit.posterior.draws());
  std::vector<Vector> b;
  std::vector<Variation> variations(q, Variation(S));
  std::vector<Vector> means(q, Vector(groups.count.size()));
  for (const Term& term : groups.terms) {
    b.push_back(coefficient_draws(fit, coefficient_of(fit.model->design, term.column)));
  }
  Vector x;
  for_elements(fit.posterior, block, [&](std::size_t element, const auto& r) {
    const std::size_t k = element % q;
    const auto j = as_index(element / q);
    Term& term = groups.terms[k];
    variations[k].sum += r;
    variations[k].squares += r.cwiseAbs2();
    means[k][j] = r.mean();
    x = r + b[k];
    term.partial[j] = x.mean();
    term.sd[j] = std::sqrt((x.array() - x.mean()).square().sum() / static_cast<double>(S - 1));
    term.lower[j] = statistics::select_quantile(span_of(x), lower_tail);
    term.upper[j] = statistics::select_quantile(span_of(x), 1 - lower_tail);
  });
  for (std::size_t k = 0; k < q; ++k) {
    groups.terms[k].pooling_factor = variations[k].pooling_factor(means[k]);
    groups.terms[k].population = b[k].mean();
  }
}

}  // namespace

std::optional<std::size_t> effects_block(const Fit& fit, std::size_t grouping) {
  const Design& design = fit.model->design;
  const auto block = fit.posterior.layout().find("r_" + design.groupings[grouping].variable());
  if (!block) return std::nullopt;
  const std::size_t size =
      design.groupings[grouping].levels.size() * columns_on(design, grouping).size();
  if (fit.posterior.layout().block(*block).size() != size) return std::nullopt;
  return block;
}

std::optional<std::size_t> coefficient_of(const Design& design, const std::string& column) {
  const auto found = std::ranges::find(design.coefficients, column);
  if (found == design.coefficients.end()) return std::nullopt;
  return as_size(found - design.coefficients.begin());
}

std::vector<std::string> columns_on(const Design& design, std::size_t grouping) {
  std::vector<std::string> names;
  for (const std::size_t t : design.terms_on(grouping)) {
    names.insert(names.end(), design.terms[t].columns.begin(), design.terms[t].columns.end());
  }
  return names;
}

Vector coefficient_draws(const Fit& fit, std::optional<std::size_t> coefficient) {
  const Draws& draws = fit.posterior;
  Matrix x = Matrix::Zero(as_index(draws.chains() * draws.draws()), 1);
  const auto b = draws.layout().find("b");
  if (b && coefficient) draws.read(*b, *coefficient, x);
  return x.col(0);
}

Means posterior_means(const Fit& fit) {
  const Design& design = fit.model->design;
  Means means{Vector::Constant(as_index(design.size()), nan), {}};
  if (const auto b = fit.posterior.layout().find("b")) {
    for_elements(fit.posterior, *b, [&](std::size_t element, const auto& x) {
      means.b[as_index(element)] = x.mean();
    });
  }
  for (std::size_t g = 0; g < design.groupings.size(); ++g) {
    means.r.emplace_back();
    const auto block = effects_block(fit, g);
    if (!block) continue;
    means.r.back().resize(as_index(columns_on(design, g).size()),
                          as_index(design.groupings[g].levels.size()));
    for_elements(fit.posterior, *block, [&](std::size_t element, const auto& x) {
      means.r.back().data()[element] = x.mean();
    });
  }
  return means;
}

bool is_normal(const Design& design) { return query<GaussianRows>(*design.family) != nullptr; }

std::string predicted_name(const Design& design) {
  const Family& family = *design.family;
  if (family.link() == Link::identity) {
    return family.predicts() == "y" ? design.response : "the logarithm of " + design.response;
  }
  const ResponseKind kind = kind_of(family);
  if (kind == ResponseKind::category) {
    return fmt::format("latent scale ({} link) of {}", to_string(family.link()), design.response);
  }
  const bool probability = kind == ResponseKind::binary || kind == ResponseKind::successes;
  return fmt::format("{} of the {} of {}", to_string(family.link()),
                     probability ? "probability" : "mean", design.response);
}

namespace {

/// What each group says by itself: its effects, and a triangle of its information.
struct Alone {
  Matrix r;
  std::vector<Matrix> root;
  Vector count;
};

Alone alone_of(const Fit& fit, std::size_t grouping, const Means& means) {
  const Design& design = fit.model->design;
  const auto J = design.groupings[grouping].levels.size();
  const auto q = as_index(columns_on(design, grouping).size());
  Alone alone{Matrix(q, as_index(J)), {}, {}};
  if (is_normal(design)) {
    const Triangles triangles = triangles_of(design, grouping, means);
    for (std::size_t j = 0; j < J; ++j) {
      alone.r.col(as_index(j)) = triangles.solve(j);
      alone.root.push_back(triangles.levels[j].matrix().topLeftCorner(q, q));
    }
    alone.count = triangles.count;
  } else {
    const Maxima maxima = maxima_of_levels(fit, grouping, means);
    alone.r = maxima.at;
    alone.count = maxima.count;
    for (const Matrix& information : maxima.of_means) {
      // Semidefinite where rows are few: a square root by eigenvectors has no pivots to fail.
      const Eigen::SelfAdjointEigenSolver<Matrix> eigen(information);
      alone.root.emplace_back(eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal() *
                              eigen.eigenvectors().transpose());
    }
  }
  for (const Centering& centering : design.centering_on(grouping)) centering.to_user(alone.r);
  return alone;
}

}  // namespace

Groups judge_groups(const Fit& fit, std::size_t grouping, const Means& means,
                    ConstVectorRef complete) {
  const Design& design = fit.model->design;
  const Alone alone = alone_of(fit, grouping, means);
  const CovarianceDraws draws_of_both = covariance_draws_of(fit, grouping);
  const std::vector<std::string> columns = columns_on(design, grouping);
  const auto J = as_index(design.groupings[grouping].levels.size());
  const auto q = as_index(columns.size());

  Groups groups{grouping,
                is_normal(design) ? "least squares" : "maximum likelihood",
                design.groupings[grouping].name,
                design.groupings[grouping].levels,
                alone.count,
                {}};
  const Vector unknown = Vector::Constant(J, nan);
  for (const std::string& column : columns) {
    const auto k = coefficient_of(design, column);
    groups.terms.push_back({column, k ? complete[as_index(*k)] : 0, 0, nan, unknown, unknown,
                            unknown, unknown, unknown, unknown});
  }
  if (const auto block = effects_block(fit, grouping)) summarise_effects(fit, *block, groups);
  for (Eigen::Index j = 0; j < J; ++j) {
    const auto level = static_cast<std::size_t>(j);
    Vector shrinkage = Vector::Constant(q, nan);
    if (!draws_of_both.factors.empty()) {
      shrinkage = shrinkage_of(alone.root[level], draws_of_both, j);
    }
    for (Eigen::Index k = 0; k < q; ++k) {
      Term& term = groups.terms[as_size(k)];
      term.none[j] = term.population + alone.r(k, j);
      term.shrinkage[j] = shrinkage[k];
    }
  }
  return groups;
}

}  // namespace tarn::pooling
