// The host's side of plugins: find, check, refuse, load. Libraries are never unloaded.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/plugin.hpp"

namespace tarn {

/// A library that is loaded.
struct LoadedPlugin {
  std::filesystem::path file;
  std::string name;
  std::string version;
  Plugin types;
};

/// A library that was found and not taken, and why.
struct RefusedPlugin {
  std::filesystem::path file;
  std::string reason;
};

/// The folders to look in, in order: those given, TARN_PLUGIN_PATH, the user's folder, and
/// <prefix>/lib/tarn/plugins-<abi major> beside the running program. Never the working directory.
std::vector<std::filesystem::path> plugin_folders(std::span<const std::string> given);

/// All plugins of some folders. The first of two with one name wins.
class Registry {
 public:
  explicit Registry(std::span<const std::filesystem::path> folders);

  /// Loads one file, with the same checks. Throws PluginError with the reason.
  static LoadedPlugin load(const std::filesystem::path& file);

  const std::vector<std::unique_ptr<LoadedPlugin>>& plugins() const noexcept { return plugins_; }
  const std::vector<RefusedPlugin>& refused() const noexcept { return refused_; }

  template <class Type>
  struct Found {
    const Type* type;
    const LoadedPlugin* plugin;
  };

  /// By name; throws UsageError with the nearest match, or with the reason if a library of that
  /// name was refused.
  Found<ModelType> model(std::string_view name) const;
  Found<SamplerType> sampler(std::string_view name) const;
  Found<DiagnosticType> diagnostic(std::string_view name) const;

  /// The most specific model that accepts the design. Throws InputError with every model's reason.
  Found<ModelType> model_for(const Design& design) const;

  /// The preferred sampler whose needs the model meets. Throws PluginError if there is none.
  Found<SamplerType> sampler_for(const ModelType& model) const;

  /// Names of the samplers that fit a model, preferred first.
  std::vector<std::string> samplers_fitting(const ModelType& model) const;

  /// Throws PluginError unless the sampler fits the model; the sentence names those that do.
  void check_fit(const SamplerType& sampler, const ModelType& model) const;

 private:
  std::vector<std::unique_ptr<LoadedPlugin>> plugins_;
  std::vector<RefusedPlugin> refused_;
};

}  // namespace tarn
