// Finds the libraries of the plugin folders and keeps those that may serve.
#include "tarn/registry.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

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

/// The folder of one role, whose libraries are loaded when they are asked for: most runs need few.
std::string role_of(const fs::path& folder) {
  if (folder.filename() == "families") return "family";
  if (folder.filename() == "diagnostics") return "diagnostic";
  return "";
}

/// What stands in such a folder and registers something else would be overlooked.
void check_role(const LoadedPlugin& plugin) {
  const std::string role = role_of(plugin.file.parent_path());
  if (role.empty()) return;
  const Plugin& types = plugin.types;
  const bool others = !types.models.empty() || !types.samplers.empty() ||
                      !types.densities.empty() ||
                      !(role == "family" ? types.diagnostics.empty() : types.families.empty());
  if (!others) return;
  throw PluginError(
      fmt::format("it is in the folder '{}' and registers more than that; put it into '{}'",
                  plugin.file.parent_path().filename().string(),
                  plugin.file.parent_path().parent_path().string()));
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
    for (const fs::path& file : libraries_in(folder)) take(file);
    for (const char* role : {"families", "diagnostics"}) {
      const std::vector<fs::path> found = libraries_in(folder / role);
      waiting_.insert(waiting_.end(), found.begin(), found.end());
    }
  }
}

const std::vector<std::unique_ptr<LoadedPlugin>>& Registry::plugins() const {
  take_all("");
  return plugins_;
}

const std::vector<RefusedPlugin>& Registry::refused() const {
  take_all("");
  return refused_;
}

void Registry::take_waiting(std::string_view role, std::string_view name) const {
  // In their order: the first of two with one name wins, and all are in one place of it.
  for (auto file = waiting_.begin(); file != waiting_.end(); ++file) {
    if (file->stem() != name || role_of(file->parent_path()) != role) continue;
    const fs::path found = *file;
    waiting_.erase(file);
    return take(found);
  }
}

void Registry::take_all(std::string_view role) const {
  std::vector<fs::path> left;
  for (const fs::path& file : std::exchange(waiting_, {})) {
    if (role.empty() || role_of(file.parent_path()) == role) {
      take(file);
    } else {
      left.push_back(file);
    }
  }
  waiting_ = std::move(left);
}

LoadedPlugin Registry::load(const fs::path& file) try {
  return register_plugin(file, open_plugin(file));
} catch (const PluginError& error) {
  throw PluginError(fmt::format("plugin file '{}' is refused: {}", file.string(), error.what()));
}

void Registry::take(const fs::path& file) const try {
  const abi::Descriptor& descriptor = open_plugin(file);
  for (const auto& other : plugins_) {
    if (other->name == descriptor.name) {
      throw PluginError(fmt::format("plugin '{}' is already there, from '{}'", other->name,
                                    other->file.string()));
    }
  }
  auto plugin = std::make_unique<LoadedPlugin>(register_plugin(file, descriptor));
  check_role(*plugin);
  for (const auto& other : plugins_) {
    check_new("family", plugin->types.families, other->types.families, *other);
    check_new("model", plugin->types.models, other->types.models, *other);
    check_new("sampler", plugin->types.samplers, other->types.samplers, *other);
    check_new("diagnostic", plugin->types.diagnostics, other->types.diagnostics, *other);
    check_new("density", plugin->types.densities, other->types.densities, *other);
  }
  for (const DensityType& density : plugin->types.densities) add_density(density);
  plugins_.push_back(std::move(plugin));
} catch (const PluginError& error) {
  refused_.push_back({file, error.what()});
}

}  // namespace tarn
