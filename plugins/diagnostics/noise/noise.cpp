// The diagnostic `noise`: does the model fit the response to its last digits?
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tarn/plugin.hpp>
#include <tarn/text.hpp>

namespace {

using namespace tarn;

/// Of the response's standard deviation. Models of several factors work with cross-products, which
/// know residuals to sqrt(8 epsilon) = 4e-8 of its size, sigma to half as much again.
constexpr double far_below_noise = 8e-8;
constexpr double units_of_rounding = 4;  // that a sum of a few terms may be off
constexpr std::size_t elements_at_once = 50;
constexpr std::size_t named = 5;

bool is_residual(const Block& block) {
  return block.support == Support::positive &&
         (block.name == "sigma" || block.name.starts_with("sigma_"));
}

/// Below this, noise about numbers of this sd and size is rounding error.
double rounding_of(double sd, double size) {
  return std::max(far_below_noise * sd,
                  units_of_rounding * std::numeric_limits<double>::epsilon() * size);
}

double rounding_of(const Vector& y) {
  const double sd =
      std::sqrt((y.array() - y.mean()).square().sum() / static_cast<double>(y.size() - 1));
  return rounding_of(sd, y.cwiseAbs().maxCoeff());
}

/// Whether sigma is not that of the response: of log(y) with lognormal.
bool is_transformed(const Fit& fit) {
  return fit.model != nullptr && fit.model->design.family->predicts() != "y";
}

double rounding_of(const Fit& fit) {
  if (!is_transformed(fit)) return rounding_of(*fit.observed);
  const ColumnScale scale = predictor_scale(fit.model->design);
  return rounding_of(scale.sd, std::abs(scale.mean) + 2 * scale.sd);
}

/// The least of the chains' medians.
double least_median(VectorRef draws, std::size_t chains) {
  const auto length = draws.size() / as_index(chains);
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t chain = 0; chain < chains; ++chain) {
    double* const first = draws.data() + as_index(chain) * length;
    std::nth_element(first, first + length / 2, first + length);
    least = std::min(least, first[length / 2]);
  }
  return least;
}

/// The label of an element of a block with one axis.
std::string label_of(const Block& block, std::size_t element) {
  return "'" + block.axes.front().labels[element] + "'";
}

}  // namespace

class Noise final : public Diagnostic {
 public:
  static constexpr std::string_view title = "Residual noise: does the model fit exactly?";
  static constexpr int place = 5;

  explicit Noise(const Settings&) {}

  void evaluate(const Fit& fit, Report& report) override {
    if (fit.observed == nullptr || fit.observed->size() < 2) return;
    const double rounding = rounding_of(fit);
    const Layout& layout = fit.posterior.layout();
    for (std::size_t b = 0; b < layout.blocks(); ++b) {
      if (is_residual(layout.block(b))) judge_block(fit, b, rounding, report);
    }
    const bool by_row = fit.model != nullptr && fit.model->design.predictor_of("sigma") != nullptr;
    if (by_row && !is_transformed(fit)) judge_residuals(fit, rounding, report);
  }

 private:
  /// Where sigma has a formula there is no block of it: the residuals' own size, in a few draws.
  static void judge_residuals(const Fit& fit, double rounding, Report& report) {
    const auto model = fit.model->make();
    auto* const expectation = query<Expectation>(*model);
    if (expectation == nullptr) return;
    const Rows rows = fit.model->design.all_rows();
    const std::size_t total = fit.posterior.chains() * fit.posterior.draws();
    const std::size_t count = std::min<std::size_t>(total, 20);
    std::vector<std::size_t> numbers;
    for (std::size_t k = 0; k < count; ++k) numbers.push_back(k * total / count);
    const Matrix thetas = select_draws(fit.posterior, numbers);
    Vector mean(rows.y.size()), sds(thetas.cols());
    for (Eigen::Index k = 0; k < thetas.cols(); ++k) {
      expectation->expect(thetas.col(k), rows, mean);
      sds[k] = std::sqrt((rows.y - mean).squaredNorm() / static_cast<double>(rows.y.size()));
    }
    const double median = least_median(sds, 1);
    if (!(median < rounding)) return;
    report.add({Finding::Level::bad, exactly("the standard deviation of the residuals", median)});
  }

  static std::string exactly(std::string_view what, double sd) {
    return fmt::format(
        "the model fits the response exactly: {} is {:.2g}, which is rounding error. "
        "Where there is no noise, intervals and tests mean nothing; is the response "
        "computed from a covariate, or the same for all rows of a group? Leave "
        "that term out, or model the data before they were condensed",
        what, sd);
  }

  static void judge_block(const Fit& fit, std::size_t b, double rounding, Report& report) {
    const Draws& draws = fit.posterior;
    const Block& block = draws.layout().block(b);
    std::vector<std::string> exact;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t first = 0; first < block.size(); first += elements_at_once) {
      const std::size_t count = std::min(elements_at_once, block.size() - first);
      Matrix x(as_index(draws.chains() * draws.draws()), as_index(count));
      draws.read(b, first, x);
      for (std::size_t k = 0; k < count; ++k) {
        const double median = least_median(x.col(as_index(k)), draws.chains());
        if (!(median < rounding)) continue;
        least = std::min(least, median);
        if (block.axes.size() == 1) exact.push_back(label_of(block, first + k));
      }
    }
    if (std::isinf(least)) return;
    if (block.size() == 1) {
      report.add({Finding::Level::bad, exactly(block.name, least)});
      return;
    }
    const std::size_t count = exact.size();
    if (exact.size() > named) exact.resize(named);
    report.add(
        {Finding::Level::bad,
         fmt::format("the model fits {} of {} groups exactly ({}{}): their {} is down to {:.2g}, "
                     "which is rounding error. Where there is no noise, intervals and tests mean "
                     "nothing; are the responses of these groups all the same, or computed from a "
                     "covariate? Leave them out, or take a model with one sigma for all",
                     count, block.size(), list_of(exact), count > named ? ", ..." : "", block.name,
                     least)});
  }
};

TARN_PLUGIN("noise", "0.5.0") {
  plugin.diagnostic<Noise>("noise", "whether the response is fitted to its last digits");
}
