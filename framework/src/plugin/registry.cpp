// Finds the libraries of the plugin folders and keeps those that may serve.
#include "tarn/registry.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "plugin/load.hpp"
#include "prior/density_table.hpp"

namespace tarn {
namespace fs = std::filesystem;
namespace {

/// Sorted, so that which of two plugins comes first does not depend on the file system.
std::vector<fs::path> libraries_in(const fs::path& folder) {
  std::vector<fs::path> libraries;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".so") libraries.push_back(entry->path());
  }
  std::ranges::sort(libraries);
  return libraries;
}

template <class Type>
void check_new(std::string_view role, const std::vector<Type>& types,
               const std::vector<Type>& others, const LoadedPlugin& owner) {
  for (const Type& type : types) {
    const auto same = [&](const Type& other) { return other.name == type.name; };
    if (std::ranges::any_of(others, same)) {
      throw PluginError(
          fmt::format("{} '{}' is already there, from '{}'", role, type.name, owner.file.string()));
    }
  }
}

}  // namespace

Registry::Registry(std::span<const fs::path> folders) : folders_(folders.begin(), folders.end()) {
  for (const fs::path& folder : folders_) {
    for (const fs::path& file : libraries_in(folder)) {
      try {
        take(file);
      } catch (const PluginError& error) {
        refused_.push_back({file, error.what()});
      }
    }
  }
}

LoadedPlugin Registry::load(const fs::path& file) try {
  return register_plugin(file, open_plugin(file));
} catch (const PluginError& error) {
  throw PluginError(fmt::format("plugin file '{}' is refused: {}", file.string(), error.what()));
}

void Registry::take(const fs::path& file) {
  const abi::Descriptor& descriptor = open_plugin(file);
  for (const auto& other : plugins_) {
    if (other->name == descriptor.name) {
      throw PluginError(fmt::format("plugin '{}' is already there, from '{}'", other->name,
                                    other->file.string()));
    }
  }
  auto plugin = std::make_unique<LoadedPlugin>(register_plugin(file, descriptor));
  for (const auto& other : plugins_) {
    check_new("family", plugin->types.families, other->types.families, *other);
    check_new("model", plugin->types.models, other->types.models, *other);
    check_new("sampler", plugin->types.samplers, other->types.samplers, *other);
    check_new("diagnostic", plugin->types.diagnostics, other->types.diagnostics, *other);
    check_new("density", plugin->types.densities, other->types.densities, *other);
  }
  for (const DensityType& density : plugin->types.densities) add_density(density);
  plugins_.push_back(std::move(plugin));
}

}  // namespace tarn
