// A diagnostic from outside tarn's tree, with a figure: the ends of each parameter's draws.
#include <cstddef>
#include <string>
#include <vector>

#include <tarn/plugin.hpp>

#include "figures.hpp"

class Extremes final : public tarn::Diagnostic {
 public:
  static constexpr int place = 900;

  explicit Extremes(const tarn::Settings&) {}

  void evaluate(const tarn::Fit& fit, tarn::Report& report) override {
    const tarn::Layout& layout = fit.posterior.layout();
    std::vector<std::string> names;
    std::vector<double> lowest, highest;
    tarn::Matrix x(static_cast<Eigen::Index>(fit.posterior.chains() * fit.posterior.draws()), 1);
    for (std::size_t block = 0; block < layout.blocks(); ++block) {
      for (std::size_t element = 0; element < layout.block(block).size(); ++element) {
        fit.posterior.read(block, element, x);
        names.push_back(layout.element_name(block, element));
        lowest.push_back(x.minCoeff());
        highest.push_back(x.maxCoeff());
      }
    }
    if (!fit.wants_figures) return;
    report.add(tarn::Figure{
        .name = "extremes",
        .title = "The smallest and the largest draw",
        .caption = "A bar reaches from the smallest draw to the largest.",
        .specification = tarn::with_words(figures::extremes, {{"what", "draws"}}),
        .data = {{"parameters", {{"parameter", {}, names}, {"low", lowest}, {"high", highest}}}}});
  }
};

TARN_PLUGIN("extremes", "0.1.0") {
  plugin.diagnostic<Extremes>("extremes", "the smallest and the largest draw of each parameter");
}
