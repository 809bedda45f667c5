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

struct FormulaOptions;

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

/// The folders to look in, in order: those given; TARN_PLUGIN_PATH, separated by colons; the
/// user's, $XDG_DATA_HOME/tarn/plugins-<abi major>; and tarn/plugins-<abi major> beside libtarn. A
/// relative one means something only where it is given: elsewhere it is ignored, for the working
/// directory is never searched by default. Folders need not exist, but those given must: else
/// UsageError.
std::vector<std::filesystem::path> plugin_folders(std::span<const std::filesystem::path> given);

/// All plugins of some folders. The first of two with one name wins. A library that cannot serve is
/// refused, before any of its code has run if its bytes show it, and never stops the others. Those
/// in the folders `families` and `diagnostics` inside are loaded when they are asked for, by name
/// or all. For one thread at a time.
class Registry {
 public:
  /// Looks at every *.so of the folders, in their order and by name; skips folders that are absent.
  explicit Registry(std::span<const std::filesystem::path> folders);

  /// Loads one file, with the same checks. Throws PluginError with the reason.
  static LoadedPlugin load(const std::filesystem::path& file);

  /// After loading all that is left.
  const std::vector<std::unique_ptr<LoadedPlugin>>& plugins() const;
  const std::vector<RefusedPlugin>& refused() const;

  /// Of those that were to be loaded until now.
  const std::vector<RefusedPlugin>& refused_so_far() const noexcept { return refused_; }

  template <class Type>
  struct Found {
    const Type* type;
    const LoadedPlugin* plugin;
  };

  /// By name; throws UsageError with the nearest match, or PluginError with the reason if a library
  /// of that name was refused.
  Found<FamilyType> family(std::string_view name) const;
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
  void take(const std::filesystem::path& file) const;
  void take_waiting(std::string_view role, std::string_view name) const;
  void take_all(std::string_view role) const;
  template <class Type>
  std::vector<Found<Type>> all(std::vector<Type> Plugin::*types) const;
  template <class Type>
  Found<Type> named(std::string_view role, std::vector<Type> Plugin::*types,
                    std::string_view name) const;
  std::vector<Found<SamplerType>> samplers_by_preference(const ModelType& model) const;
  [[noreturn]] void throw_none(std::string_view role) const;

  std::vector<std::filesystem::path> folders_;
  // Those of one role are added when they are asked for.
  mutable std::vector<std::unique_ptr<LoadedPlugin>> plugins_;
  mutable std::vector<RefusedPlugin> refused_;
  mutable std::vector<std::filesystem::path> waiting_;
};

/// The family "name" or "name(link)". Throws UsageError for a name or link that is not there.
std::shared_ptr<const Family> make_family(const Registry& registry, std::string_view text);

/// The values that a response of the family "name" or "name(link)" may have. Throws as
/// make_family().
ResponseKind response_kind(const Registry& registry, std::string_view text);

/// What make_design() must know of the family "name" or "name(link)". Throws as make_family().
void set_family(const Registry& registry, std::string_view text, FormulaOptions& options);

/// Gives a design the family "name" or "name(link)". Throws as make_family(), and
/// InputError for a part of the response that it does not take, and for a response that it cannot
/// have, by its row: `row_numbers` are those of the rows used, in the data.
void set_family(const Registry& registry, std::string_view text, Design& design,
                std::span<const std::size_t> row_numbers);

}  // namespace tarn
