// A diagnostic that never judges.
#include <tarn/plugin.hpp>

struct Half final : tarn::Diagnostic {
  explicit Half(const tarn::Settings&) {}
};

TARN_PLUGIN("half", "1.0.0") { plugin.diagnostic<Half>("half", ""); }
