// A finished fit taken up again: its draws, its data, and its model as it was.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "tarn/diagnostic.hpp"
#include "tarn/formula.hpp"
#include "tarn/io/chain_store.hpp"
#include "tarn/registry.hpp"

namespace tarn::launcher {

/// The chain file alone is enough: it holds the data that were used. The registry must outlive it.
class LoadedFit {
 public:
  enum class Draws { needed, not_needed };

  /// Throws InputError where there is no chain file, or one without draws that are needed;
  /// DamagedFile where its configuration or its data are not what was stored.
  LoadedFit(std::filesystem::path path, const Registry& registry, Draws draws = Draws::needed);
  LoadedFit(const LoadedFit&) = delete;
  LoadedFit& operator=(const LoadedFit&) = delete;
  ~LoadedFit();

  const std::filesystem::path& path() const noexcept { return path_; }
  const Registry& registry() const noexcept { return registry_; }
  const io::ChainFile& file() const noexcept { return file_; }
  const nlohmann::ordered_json& config() const noexcept { return config_; }

  /// The model over its data, or nullptr where that cannot be; then why_no_model() says why, in a
  /// sentence.
  const FittedModel* model() const noexcept;
  const std::string& why_no_model() const noexcept { return why_no_model_; }

  /// As above, or throws the reason as PluginError (the model's plugin) or InputError (the file).
  const FittedModel& required_model() const;

  // There where model() is.
  const io::FitData& data() const;
  const Design& design() const;
  const FormulaSummary& formula() const;
  const FormulaState& formula_state() const;  // for new data
  const Settings& model_settings() const;

 private:
  struct Model;
  void open_model();

  std::filesystem::path path_;
  const Registry& registry_;
  io::ChainFile file_;
  nlohmann::ordered_json config_;
  std::unique_ptr<Model> model_;
  std::string why_no_model_;
  bool plugin_is_why_ = false;
};

}  // namespace tarn::launcher
