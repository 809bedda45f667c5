// Tells the test that code of the library has run: the constructor runs as soon as it is loaded.
#pragma once

#include <cstdlib>

#include <tarn/plugin.hpp>

[[gnu::constructor]] inline void testify() { ::setenv("TARN_LIE_HAS_RUN", "yes", 1); }

/// A diagnostic for those that lie about something else.
struct Silent final : tarn::Diagnostic {
  explicit Silent(const tarn::Settings&) {}
  void evaluate(const tarn::Fit&, tarn::Report&) override {}
};
