// The kit's form of a family: a struct that says what one row is, from which derivatives follow.
//
//   struct Geometric {
//     static FamilyTraits traits();      {.links = {Link::log}, .response = ResponseKind::count}
//     template <class T>
//     static T log_density(double y, const T& eta, Psi<T> psi, const RowParts& row);
//     static double mean(double eta, Psi<double> psi, const RowParts& row);
//     static double draw(double eta, Psi<double> psi, const RowParts& row, Rng& rng);
//   };
//
// and, where it has them:
//
//   static std::vector<FamilyParameter> parameters(const Design&);      psi, by family_parameter()
//   static double variance(double eta, Psi<double> psi, const RowParts& row);
//   static double cdf(double y, double eta, Psi<double> psi, const RowParts& row);
//   static double curvature(double y, double eta, Psi<double> psi, const RowParts& row);
//                     where -d2/deta2 can be negative: its expectation, or another that cannot
//   static constexpr bool log_concave = true;                            proven, for every y
//   static constexpr bool has_atoms = true;                              a density with a mass at 0
//   static constexpr ShiftForm::Form shift_form = ShiftForm::Form::logistic;   with
//   static ShiftRow shift(double y, Psi<double> psi, const RowParts& row);     and, if not of all:
//   static bool shifts(Link);
//   static ColumnScale predictor_scale(const Design&);
//   static constexpr std::string_view predicts = "log(y)";
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tarn/dual.hpp"
#include "tarn/plugin.hpp"
#include "tarn/variates.hpp"

namespace tarn {

/// A row's parameters, on their natural scale.
template <class T>
using Psi = std::span<const T>;

/// What the functions of a kit are told of a row beside its response.
struct RowParts {
  Link link;
  double trials = 1;
};

/// A parameter of a family without axes: its name, which is its key, and its default prior with
/// where that comes from.
FamilyParameter family_parameter(std::string name, Support support, std::string describes,
                                 std::string default_prior, std::string reason);

/// A row in a ShiftForm.
struct ShiftRow {
  double base = 0;
  double slope = 0;
  double scale = 1;
  double number = 1;
};

template <class Kit>
class FamilyOf : public Family, public DistributionFunction, public ShiftForm {
 public:
  FamilyOf(Link link, std::string name) : Family(link), name_(std::move(name)) {}

  std::vector<FamilyParameter> parameters(const Design& design) const override {
    if constexpr (requires { Kit::parameters(design); }) {
      return Kit::parameters(design);
    } else {
      return {};
    }
  }

  std::optional<std::string> refuses(double y, double trials) const override {
    return refusal_of(kind(), name_, y, trials);
  }

  void log_likelihood(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                      VectorRef by_row) const override {
    each<double>(rows, psi, [&](Eigen::Index i, const auto& own, const RowParts& row) {
      by_row[i] = Kit::log_density(rows.y[i], eta[i], Psi<double>(own), row);
    });
  }

  void derivatives(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi, VectorRef score,
                   VectorRef curvature) const override {
    using Number = Dual<has_curvature ? 1 : 2>;
    each<Number>(rows, psi, [&](Eigen::Index i, const auto& own, const RowParts& row) {
      const Number l = Kit::log_density(rows.y[i], Number::variable(eta[i]), Psi<Number>(own), row);
      score[i] = l.d[0];
      if constexpr (!has_curvature) curvature[i] = std::max(0.0, -l.d[1]);
    });
    if constexpr (has_curvature) {
      each<double>(rows, psi, [&](Eigen::Index i, const auto& own, const RowParts& row) {
        curvature[i] = Kit::curvature(rows.y[i], eta[i], Psi<double>(own), row);
      });
    }
  }

  void psi_scores(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                  MatrixRef by_row) const override {
    using Number = Dual<1>;
    for (Eigen::Index k = 0; k < psi.cols(); ++k) {
      each<Number>(
          rows, psi,
          [&](Eigen::Index i, const auto& own, const RowParts& row) {
            by_row(i, k) = Kit::log_density(rows.y[i], Number(eta[i]), Psi<Number>(own), row).d[0];
          },
          k);
    }
  }

  void mean(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
            VectorRef expected) const override {
    each<double>(rows, psi, [&](Eigen::Index i, const auto& own, const RowParts& row) {
      expected[i] = Kit::mean(eta[i], Psi<double>(own), row);
    });
  }

  void variance(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                VectorRef by_row) const override {
    if constexpr (requires(Psi<double> own, RowParts row) { Kit::variance(0.0, own, row); }) {
      each<double>(rows, psi, [&](Eigen::Index i, const auto& own, const RowParts& row) {
        by_row[i] = Kit::variance(eta[i], Psi<double>(own), row);
      });
    } else {
      Family::variance(rows, eta, psi, by_row);
    }
  }

  void draw(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi, VectorRef y,
            Rng& rng) const override {
    each<double>(rows, psi, [&](Eigen::Index i, const auto& own, const RowParts& row) {
      y[i] = Kit::draw(eta[i], Psi<double>(own), row, rng);
    });
  }

  void cumulative(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                  VectorRef by_row) const override {
    if constexpr (has_cdf) {
      each<double>(rows, psi, [&](Eigen::Index i, const auto& own, const RowParts& row) {
        by_row[i] = Kit::cdf(rows.y[i], eta[i], Psi<double>(own), row);
      });
    }
  }

  Form form() const noexcept override {
    if constexpr (has_shift) {
      return Kit::shift_form;
    } else {
      return {};
    }
  }

  void shift_terms(const Rows& rows, ConstMatrixRef psi, VectorRef base, VectorRef slope,
                   VectorRef scale, VectorRef number) const override {
    if constexpr (has_shift) {
      each<double>(rows, psi, [&](Eigen::Index i, const auto& own, const RowParts& row) {
        const ShiftRow of_row = Kit::shift(rows.y[i], Psi<double>(own), row);
        base[i] = of_row.base;
        slope[i] = of_row.slope;
        scale[i] = of_row.scale;
        number[i] = of_row.number;
      });
    }
  }

  bool probability_mass() const noexcept override { return is_discrete(kind()); }

  bool has_atoms() const noexcept override {
    if constexpr (requires { Kit::has_atoms; }) {
      return Kit::has_atoms;
    } else {
      return probability_mass();
    }
  }

  bool log_concave() const noexcept override {
    if constexpr (requires { Kit::log_concave; }) {
      return Kit::log_concave;
    } else {
      return false;
    }
  }

  ColumnScale predictor_scale(const Design& design) const override {
    if constexpr (requires { Kit::predictor_scale(design); }) {
      return Kit::predictor_scale(design);
    } else {
      return Family::predictor_scale(design);
    }
  }

  std::string_view predicts() const noexcept override {
    if constexpr (requires { Kit::predicts; }) {
      return Kit::predicts;
    } else {
      return Family::predicts();
    }
  }

  const void* query(std::string_view capability) const noexcept override {
    if (has_cdf && capability == DistributionFunction::id) {
      return static_cast<const DistributionFunction*>(this);
    }
    if (capability == ShiftForm::id && shifts()) return static_cast<const ShiftForm*>(this);
    return Family::query(capability);
  }

 protected:
  static constexpr std::size_t few_parameters = 8;  // more are kept in memory of their own
  static constexpr bool has_curvature = requires(Psi<double> psi, RowParts row) {
    Kit::curvature(0.0, 0.0, psi, row);
  };
  static constexpr bool has_cdf = requires(Psi<double> psi, RowParts row) {
    Kit::cdf(0.0, 0.0, psi, row);
  };

  static constexpr bool has_shift = requires(Psi<double> psi, RowParts row) {
    Kit::shift(0.0, psi, row);
  };

  bool shifts() const noexcept {
    if constexpr (requires(Link link) { Kit::shifts(link); }) {
      return Kit::shifts(link());
    } else {
      return has_shift;
    }
  }

  static ResponseKind kind() noexcept {
    static const ResponseKind kind = Kit::traits().response;
    return kind;
  }

  /// f(i, psi of row i, its parts) for all rows; the derivative is that with respect to element
  /// `along` of psi, if to any.
  template <class T, class F>
  void each(const Rows& rows, ConstMatrixRef psi, const F& f, Eigen::Index along = -1) const {
    std::array<T, few_parameters> storage{};
    std::vector<T> more;
    const auto n = static_cast<std::size_t>(psi.cols());
    if (n > few_parameters) more.resize(n);
    const std::span<T> own(n > few_parameters ? more.data() : storage.data(), n);
    RowParts row{link()};
    for (Eigen::Index i = 0; i < rows.y.size(); ++i) {
      if (i == 0 || psi.rows() > 1) {
        for (Eigen::Index k = 0; k < psi.cols(); ++k) {
          T& element = own[static_cast<std::size_t>(k)];
          element = psi(psi.rows() > 1 ? i : 0, k);
          if constexpr (!std::is_same_v<T, double>) {
            if (k == along) element.d[0] = 1;
          }
        }
      }
      if (rows.trials.size() > 0) row.trials = rows.trials[i];
      f(i, own, row);
    }
  }

 private:
  std::string name_;
};

}  // namespace tarn
