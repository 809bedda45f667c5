// Two models that keep every promise: the mean of a response, with and without groups.
#include <tarn/plugin.hpp>

namespace {

using tarn::ConstVectorRef;
using tarn::Design;
using tarn::VectorRef;

/// mean | y ~ N(mean y, sd y): a posterior whose answer is known.
class Mean : public tarn::Offers<tarn::LogDensity> {
 public:
  explicit Mean(const tarn::ModelInput& input) : scale_(input.design.response_scale) {
    layout_.add({.name = "mean"});
  }

  static std::vector<tarn::Parameter> parameters(const Design&) { return {}; }
  const tarn::Layout& layout() const noexcept override { return layout_; }
  void start(VectorRef theta, tarn::Rng& rng) override { theta[0] = scale_.mean + rng.normal(); }
  double log_density(ConstVectorRef theta) override {
    return tarn::normal_log_density(theta[0], scale_.mean, scale_.sd);
  }

 private:
  tarn::ColumnScale scale_;
  tarn::Layout layout_;
};

struct Line final : Mean {
  using Mean::Mean;
  static constexpr int generality = 0;
  static std::optional<std::string> refuses(const Design& design) {
    if (design.response == "throw") throw std::runtime_error("as the test asked");
    if (design.groupings.empty()) return std::nullopt;
    return "it takes no groups, and the formula has " + design.groupings.front().name;
  }
};

struct Groups final : Mean {
  using Mean::Mean;
  static constexpr int generality = 5;
  static std::vector<tarn::Takes> takes() { return {tarn::Takes::weights, tarn::Takes::offset}; }
  static std::optional<std::string> refuses(const Design& design) {
    if (design.known_errors) return "it estimates sigma, and the formula has se()";
    return std::nullopt;
  }
};

/// Never chosen automatically: it has no generality.
struct Asked final : Mean {
  using Mean::Mean;
  static std::optional<std::string> refuses(const Design&) { return std::nullopt; }
};

}  // namespace

TARN_PLUGIN("line", "1.0.0") {
  plugin.model<Groups>("groups", "a mean, groups or not");
  plugin.model<Line>("line", "a mean without groups");
  plugin.model<Asked>("asked", "a mean, if asked for");
}
