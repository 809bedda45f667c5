// Finds the scripts of the report relative to libtarn.
#include "report/html/scripts.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/runtime_symbol_info.hpp>

namespace tarn::html {
namespace fs = std::filesystem;
namespace {

fs::path folder() {
  std::error_code error;
  const fs::path library = fs::canonical(boost::dll::this_line_location(), error);
  return (library.parent_path() / TARN_DATA_FROM_LIB / "tarn/report").lexically_normal();
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

Scripts installed_scripts() {
  Scripts scripts{text_of(folder() / "report.js"), text_of(folder() / "report.js.sha256")};
  return scripts.sha256.empty() ? Scripts{} : scripts;
}

std::optional<fs::path> svg_script() {
  const fs::path file = folder() / "svg.mjs";
  std::error_code error;
  return fs::exists(file, error) ? std::optional(file) : std::nullopt;
}

}  // namespace tarn::html
