// Ordered categories: the kit (FAMILY.md), and blocks of rows.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <tarn/design.hpp>
#include <tarn/family_of.hpp>
#include <tarn/index.hpp>

#include "cumulative/between.hpp"
#include "lanes.hpp"

namespace tarn::cumulative {
namespace {

constexpr std::size_t block_rows = 4096;

/// A design that no formula made may not name its categories.
std::size_t cuts_of(const Design& design) {
  return std::max<std::size_t>(design.categories.size(), 2) - 1;
}

/// Cuts that give every category its share of the rows, 1/2 added to each.
struct Shares {
  explicit Shares(const Design& design) : cuts(as_index(cuts_of(design))) {
    Vector count = Vector::Constant(cuts.size() + 1, 0.5);
    for_each_block(*design.rows, block_rows, [&](const Rows& rows) {
      for (Eigen::Index i = 0; i < rows.y.size(); ++i) {
        const double y = rows.y[i];
        if (y >= 1 && y <= static_cast<double>(count.size())) {
          count[static_cast<Eigen::Index>(y) - 1] += rows.frequency[i];
        }
      }
    });
    double below = 0;
    for (Eigen::Index k = 0; k < cuts.size(); ++k) {
      below += count[k];
      cuts[k] = to_predictor(design.family->link(), below / count.sum());
    }
  }

  Vector cuts;
};

struct Cumulative {
  // F is log-concave, so that log(F(a) - F(b)) is concave in (a, b) together (Burridge 1981; Pratt
  // 1981).
  static constexpr bool log_concave = true;

  static FamilyTraits traits() {
    return {.links = {Link::logit, Link::probit, Link::cloglog},
            .response = ResponseKind::category,
            .intercept = false};
  }

  static std::vector<FamilyParameter> parameters(const Design& design) {
    const bool probit = design.family->link() == Link::probit;
    FamilyParameter cut = family_parameter(
        "cut", Support::ordered, "cuts between the categories, on the predictor's scale",
        probit ? "normal(0, 1.562)" : "normal(0, 2.5)", probit ? "2.5 / 1.6" : "2.5");
    cut.block.axes = {{"threshold", {}}};
    for (std::size_t k = 1; k <= cuts_of(design); ++k) {
      cut.block.axes.front().labels.push_back(std::to_string(k));
    }
    cut.prior.support = Support::real;  // of each, and ordered
    cut.prior.subject.kind = Subject::Kind::cut;
    cut.start = design.derived<Shares>().cuts;
    return {cut};
  }

  template <class T>
  static T log_density(double y, const T& eta, Psi<T> cut, const RowParts& row) {
    const std::size_t last = cut.size() + 1;
    if (!(y >= 1) || y > static_cast<double>(last)) {
      return T(-std::numeric_limits<double>::infinity());
    }
    const auto k = static_cast<std::size_t>(y);
    if (k == 1) return log_below(row.link, T(cut[0] - eta));
    if (k == last) return log_above(row.link, T(cut[k - 2] - eta));
    const T step = cut[k - 1] - cut[k - 2];
    if (!(value_of(step) > 0)) return T(-std::numeric_limits<double>::infinity());
    return log_between(row.link, T(cut[k - 2] - eta), T(cut[k - 1] - eta), step);
  }

  /// Of the categories' numbers.
  static double mean(double eta, Psi<double> cut, const RowParts& row) {
    double sum = 1;
    for (const double c : cut) sum += std::exp(log_above(row.link, c - eta));
    return sum;
  }

  static double variance(double eta, Psi<double> cut, const RowParts& row) {
    double squares = 1;  // 1 + sum_k ((k + 1)^2 - k^2) P(y > k)
    for (std::size_t k = 0; k < cut.size(); ++k) {
      squares += static_cast<double>(2 * k + 3) * std::exp(log_above(row.link, cut[k] - eta));
    }
    const double of_number = mean(eta, cut, row);
    return std::max(0.0, squares - of_number * of_number);
  }

  static double draw(double eta, Psi<double> cut, const RowParts& row, Rng& rng) {
    double z = 0;
    if (row.link == Link::probit) {
      z = rng.normal();
    } else if (row.link == Link::cloglog) {
      z = std::log(rng.exponential());
    } else {
      z = std::log(std::expm1(rng.exponential()));  // 1 / (1 + e^z) is uniform
    }
    return static_cast<double>(1 +
                               std::ranges::count_if(cut, [&](double c) { return c < eta + z; }));
  }

  static double cdf(double y, double eta, Psi<double> cut, const RowParts& row) {
    if (!(y >= 1)) return 0;
    if (y >= static_cast<double>(cut.size()) + 1) return 1;
    return to_mean(row.link, cut[static_cast<std::size_t>(y) - 1] - eta);
  }

  static ColumnScale predictor_scale(const Design& design) {
    return {0, design.family->link() == Link::probit ? 0.625 : 1};
  }
};

/// A row's density depends on the two cuts about its category. With the logit link it is a product:
///   log(s(c_k - eta) - s(c_{k-1} - eta)) =
///       log(1 - e^-(c_k - c_{k-1})) - softplus(eta - c_k) - softplus(c_{k-1} - eta),
/// two terms of the logistic form.
class Ordinal final : public FamilyOf<Cumulative> {
 public:
  using FamilyOf::FamilyOf;

  static FamilyTraits traits() { return Cumulative::traits(); }

  Form form() const noexcept override { return Form::logistic; }
  std::size_t terms() const noexcept override { return 2; }

  void shift_terms(const Rows& rows, ConstMatrixRef psi, VectorRef base, VectorRef slope,
                   VectorRef scale, VectorRef number) const override {
    std::vector<Category> categories;
    for (Eigen::Index i = 0; i < rows.y.size(); ++i) {
      if (i == 0 || psi.rows() > 1) categories = categories_of(psi.row(psi.rows() > 1 ? i : 0));
      const auto at = static_cast<std::size_t>(rows.y[i]) - 1;
      const Category& own = categories[at];
      const bool ends = at + 1 < categories.size();
      const Eigen::Index first = 2 * i, second = first + 1;
      base[first] = own.width;
      base[second] = -own.lower;  // softplus(c - eta) = c - eta + softplus(eta - c)
      slope[first] = 0;
      slope[second] = number[second] = at > 0 ? 1 : 0;
      scale[first] = own.below_upper;
      scale[second] = own.below_lower;
      number[first] = ends ? 1 : 0;
    }
  }

  void log_likelihood(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                      VectorRef by_row) const override {
    if (link() != Link::probit || psi.rows() > 1) {
      return FamilyOf::log_likelihood(rows, eta, psi, by_row);
    }
    const std::vector<double> ends = ends_of(psi);
    const Psi<double> cut(ends.data() + 1, ends.size() - 2);
    std::vector<Eigen::Index> rest;
    for (Eigen::Index i = 0; i < eta.size(); ++i) {
      by_row[i] = between(ends, rows.y[i], eta[i], false).mass;
      if (by_row[i] == 0) rest.push_back(i);
    }
    for (Eigen::Index first = 0; first < eta.size(); first += lanes::width) {
      lanes::store(lanes::load(by_row, first).log(), first, by_row);
    }
    for (const Eigen::Index i : rest) {
      by_row[i] = Cumulative::log_density(rows.y[i], eta[i], cut, {link()});
    }
  }

  void derivatives(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi, VectorRef score,
                   VectorRef curvature) const override {
    if (link() != Link::probit || psi.rows() > 1) {
      return FamilyOf::derivatives(rows, eta, psi, score, curvature);
    }
    using Number = Dual<2>;
    const std::vector<double> ends = ends_of(psi);
    const std::vector<Number> cut(ends.begin() + 1, ends.end() - 1);
    for (Eigen::Index i = 0; i < eta.size(); ++i) {
      const NormalBetween own = between(ends, rows.y[i], eta[i], true);
      score[i] = own.score;
      curvature[i] = own.curvature;
      if (own.mass > 0) continue;
      const Number l =
          Cumulative::log_density(rows.y[i], Number::variable(eta[i]), Psi<Number>(cut), {link()});
      score[i] = l.d[0];
      curvature[i] = std::max(0.0, -l.d[1]);
    }
  }

  const void* query(std::string_view capability) const noexcept override {
    if (capability == ShiftForm::id && link() == Link::logit) {
      return static_cast<const ShiftForm*>(this);
    }
    return FamilyOf::query(capability);
  }

  void psi_scores(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                  MatrixRef by_row) const override {
    using Number = Dual<1>;
    by_row.setZero();
    const RowParts row{link()};
    std::vector<Number> cut(as_size(psi.cols()));
    for (Eigen::Index i = 0; i < eta.size(); ++i) {
      if (i == 0 || psi.rows() > 1) {
        for (Eigen::Index k = 0; k < psi.cols(); ++k)
          cut[as_size(k)] = psi(psi.rows() > 1 ? i : 0, k);
      }
      const auto y = static_cast<Eigen::Index>(rows.y[i]);
      for (const Eigen::Index k : {y - 2, y - 1}) {
        if (k < 0 || k >= psi.cols()) continue;
        cut[as_size(k)].d[0] = 1;
        by_row(i, k) =
            Cumulative::log_density(rows.y[i], Number(eta[i]), Psi<Number>(cut), row).d[0];
        cut[as_size(k)].d[0] = 0;
      }
    }
  }

 private:
  /// minus infinity, the cuts, infinity.
  static std::vector<double> ends_of(ConstMatrixRef psi) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    std::vector<double> ends{-infinity};
    for (const double cut : psi.row(0)) ends.push_back(cut);
    ends.push_back(infinity);
    return ends;
  }

  static NormalBetween between(const std::vector<double>& ends, double y, double eta,
                               bool derivatives) {
    if (!(y >= 1 && y < static_cast<double>(ends.size()))) return {0, 0, false};  // no mass
    const auto k = static_cast<std::size_t>(y);
    return {ends[k - 1] - eta, ends[k] - eta, derivatives};
  }

  /// What does not depend on eta; as nothing where there is no cut.
  struct Category {
    double lower = 0;        // cut
    double width = 0;        // log(1 - e^-(upper - lower))
    double below_lower = 1;  // e^-cut
    double below_upper = 1;
  };

  static std::vector<Category> categories_of(const Eigen::RowVectorXd& cut) {
    std::vector<Category> all(as_size(cut.size()) + 1);
    for (std::size_t k = 0; k < all.size(); ++k) {
      if (k > 0) all[k].lower = cut[as_index(k) - 1];
      if (k > 0) all[k].below_lower = std::exp(-all[k].lower);
      if (k + 1 == all.size()) break;
      all[k].below_upper = std::exp(-cut[as_index(k)]);
      if (k > 0) all[k].width = log1m_exp(cut[as_index(k)] - all[k].lower);
    }
    return all;
  }
};

}  // namespace
}  // namespace tarn::cumulative

TARN_PLUGIN("cumulative", "0.5.0") {
  plugin.family<tarn::cumulative::Ordinal>("cumulative", "ordered categories");
}
