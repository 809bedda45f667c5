// The role of a family: the distribution of one row given its linear predictor.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/layout.hpp"
#include "tarn/prior.hpp"
#include "tarn/rng.hpp"
#include "tarn/rows.hpp"

namespace tarn {

class Design;
struct ColumnScale;

/// From the mean of the response (a probability for a count of successes) to the linear predictor.
enum class Link { identity, log, logit, probit, cloglog };

std::string_view to_string(Link link) noexcept;
double to_predictor(Link link, double mean) noexcept;

/// And back.
double to_mean(Link link, double predictor) noexcept;

/// The link of the predictor that a parameter of a family may have: log above 0, logit between 0
/// and 1, the identity elsewhere.
Link parameter_link(Support support) noexcept;

/// The values that a response may have.
enum class ResponseKind {
  real,         // any finite number
  positive,     // above 0
  nonnegative,  // from 0
  proportion,   // between 0 and 1, both excluded
  binary,       // 0 or 1, or text with two values
  successes,    // whole numbers from 0 to the row's trials
  count,        // whole numbers from 0
  category      // whole numbers from 1, or factor(y, levels = ...): ordered
};

/// Whether its likelihood is a probability.
constexpr bool is_discrete(ResponseKind kind) noexcept { return kind >= ResponseKind::binary; }

/// Why a family of this name and kind cannot have y, or nothing.
std::optional<std::string> refusal_of(ResponseKind kind, std::string_view family, double y,
                                      double trials);

/// A parameter of the distribution beside its mean: where it is in a draw, and its prior.
struct FamilyParameter {
  Block block;
  Parameter prior;
  Vector start = {};  // about where the posterior is; empty: searches begin where the prior is
};

/// One response distribution. Immutable, shared by all chains. Rows come in blocks of about a
/// thousand. `eta` is their linear predictor, the offset included. `psi` holds the parameters on
/// their natural scale, one column for each element: one row for all, or a row for each row where a
/// parameter has a predictor of its own. Likelihoods are those of one observation: weights() are
/// the caller's business.
class Family {
 public:
  explicit Family(Link link) : link_(link) {}
  virtual ~Family();

  Link link() const noexcept { return link_; }

  /// What the distribution has beside its mean; none by default.
  virtual std::vector<FamilyParameter> parameters(const Design& design) const;

  /// Why a row cannot have this response: "poisson needs whole numbers from 0". Without trials()
  /// one trial.
  virtual std::optional<std::string> refuses(double y, double trials) const = 0;

  /// log p(y_i | eta_i, psi), constants included.
  virtual void log_likelihood(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                              VectorRef by_row) const = 0;

  /// Derivatives of it: with respect to eta, and the negative of the second, never below 0: a
  /// curvature for steps.
  virtual void derivatives(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                           VectorRef score, VectorRef curvature) const = 0;

  /// Derivatives of it with respect to the elements of psi, n x as many. By default from central
  /// differences.
  virtual void psi_scores(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                          MatrixRef by_row) const;

  /// E[y_i | eta_i, psi].
  virtual void mean(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                    VectorRef expected) const = 0;

  /// Var[y_i | eta_i, psi]: infinite where there is none, NaN (the default) where it is not known.
  virtual void variance(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                        VectorRef by_row) const;

  virtual void draw(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi, VectorRef y,
                    Rng& rng) const = 0;

  /// The likelihood is a probability: the response is discrete.
  virtual bool probability_mass() const noexcept { return false; }

  /// Some values have a probability of their own: all of a discrete response, the 0 of a hurdle.
  virtual bool has_atoms() const noexcept { return probability_mass(); }

  /// The log likelihood is concave in eta for every response: effects of one level can be drawn
  /// exactly between tangents.
  virtual bool log_concave() const noexcept { return false; }

  /// Where the linear predictor lies and how far it reaches, for starts and default priors: the
  /// mean and sd of the response with the identity, else about the link of the smoothed mean.
  virtual ColumnScale predictor_scale(const Design& design) const;

  /// What the predictor is the mean of, where the link is the identity: "y", "log(y)".
  virtual std::string_view predicts() const noexcept { return "y"; }

  /// A capability, or nullptr. Use `tarn::query<Capability>(family)`.
  virtual const void* query(std::string_view capability) const noexcept;

 private:
  Link link_;
};

/// Optional: given psi the response is normal about eta. What makes conjugate algebra possible.
struct GaussianRows {
  static constexpr std::string_view id = "gaussian_rows/1";

  /// Standard deviation of row i.
  virtual double row_sd(const Rows& rows, Eigen::Index i, ConstMatrixRef psi) const = 0;

 protected:
  ~GaussianRows() = default;
};

/// Optional: P(y <= y_i | eta_i, psi), for probability integral transforms.
struct DistributionFunction {
  static constexpr std::string_view id = "distribution_function/1";

  virtual void cumulative(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                          VectorRef by_row) const = 0;

 protected:
  ~DistributionFunction() = default;
};

/// Optional: how the log likelihood depends on eta, in one of three forms whose sums over a group
/// at many shifts u of eta take one exponential for each row, or none:
///   logistic     base + slope eta - number log(1 + scale e^eta)
///   exponential  base + slope eta - scale e^eta
///   reciprocal   base + slope eta - scale e^-eta
/// or, of every row, as a sum of several such terms.
struct ShiftForm {
  static constexpr std::string_view id = "shift_form/1";
  enum class Form { logistic, exponential, reciprocal };

  virtual Form form() const noexcept = 0;

  /// Of each row.
  virtual std::size_t terms() const noexcept { return 1; }

  /// Of every row, whose terms lie side by side; `number` only in the logistic form. They do not
  /// depend on eta.
  virtual void shift_terms(const Rows& rows, ConstMatrixRef psi, VectorRef base, VectorRef slope,
                           VectorRef scale, VectorRef number) const = 0;

 protected:
  ~ShiftForm() = default;
};

template <class Capability>
const Capability* query(const Family& family) noexcept {
  return static_cast<const Capability*>(family.query(Capability::id));
}

/// The responses that a family takes, by what it refuses: for plots and checks.
ResponseKind kind_of(const Family& family);

/// Family::predictor_scale() of the design's family.
ColumnScale predictor_scale(const Design& design);

/// Mean and sd of f(y) less the offset, over the rows where f(y) is not NaN.
ColumnScale transformed_scale(const Design& design, double (*f)(double));

/// The link of the smoothed mean, given offsets and trials, always finite; with an sd of 1 (0.625
/// with the probit link, whose predictors are 1.6 times as small). `positive_only`: of y > 0.
ColumnScale linked_scale(const Design& design, Link link, bool positive_only = false);

}  // namespace tarn
