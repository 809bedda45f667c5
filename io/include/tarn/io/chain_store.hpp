// Chain files: draws to HDF5 and back (docs/chain-file.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tarn/draws.hpp"
#include "tarn/error.hpp"
#include "tarn/runtime.hpp"
#include "tarn/sampler.hpp"
#include "tarn/table.hpp"

namespace tarn::io {

/// The rows of the data that a fit used, with the columns that its formula names: all that is
/// needed to make its design again.
struct FitData {
  Table table;                           // these rows and columns alone
  std::vector<std::size_t> row_numbers;  // in the data that were read, from 1
  std::string response;                  // the formula's left side
  Vector observed;                       // and its values
};

/// A file that is not what it was when it was written: nothing in it is to be believed.
struct DamagedFile : InputError {
  using InputError::InputError;
};

/// What a chain file says of the run beside its draws.
struct Provenance {
  std::string name = {};  // the user's model name
  std::string model_plugin = {}, model_plugin_version = {};
  std::string sampler = {}, sampler_version = {};
  std::string plan = {};  // how the sampler draws, in its own words
  std::string rng = "philox4x64-10 + xoshiro256++";
  std::uint64_t seed = 0;
  std::string config = {};  // JSON, all defaults spelled out
  std::string data_sha256 = {};
  std::string build = {};
  std::size_t thin = 1, warmup = 0, draws_requested = 0;
  std::optional<std::size_t> tuning = {};    // numbers of the sampler's; none: it cannot be resumed
  std::shared_ptr<const FitData> data = {};  // none: the file has no groups for them
};

class ChainFile;

/// Draws that a file holds already, and where their chains stand.
struct Continued {
  const ChainFile& file;
  const std::vector<ChainState>& states;
  bool replaces_partial = false;  // the file is OUT.partial
};

/// Throws what ChainWriter would throw about the place of OUT, before anything is computed or made.
void check_output(const std::filesystem::path& out, bool force);

/// Makes a file with frozen metadata, shows it as OUT.partial, and then only overwrites raw data;
/// finish() renames. At any moment OUT.partial is a file that every reader can open. Used from one
/// thread.
class ChainWriter final : public DrawSink {
 public:
  /// Locks OUT against other runs and reserves all space. Throws IoError (folder missing or not
  /// writable, a run in progress, disk full) or UsageError (OUT exists). With `force`, OUT and an
  /// OUT.partial that a killed run left are replaced: the former only by finish(), which without it
  /// replaces nothing that has appeared meanwhile. `continued`: copied before the file is shown.
  /// `durable`: what a checkpoint stores is on the disk when it ends, in an order that a power cut
  /// cannot harm.
  ChainWriter(std::filesystem::path out, const Layout& layout,
              const std::vector<Statistic>& statistics, std::size_t chains, std::size_t draws,
              const Provenance& provenance, bool force, const Continued* continued = nullptr,
              bool durable = false);

  /// Without finish() or discard() before: closes, and keeps OUT.partial if it holds draws.
  ~ChainWriter() override;

  /// Throws IoError; then the file is closed as its last checkpoint left it, and removed where that
  /// stored nothing.
  void write(const DrawBatch& batch) override;
  void checkpoint(std::size_t chain, const ChainState& state) override;

  /// What finish() will take; an estimate.
  double seconds_to_finish() const override;

  /// Closes and renames; with fewer draws than planned, or with chains that failed, writes a
  /// trimmed copy of the other chains instead, cut to the draws that all of them have, or to
  /// `most`. Returns the final path, or nothing where that copy would take more than `seconds`, or
  /// where a chain has no draw: then OUT.partial is left if it can be gone on with, else no file.
  /// Throws IoError and keeps OUT.partial if that is impossible.
  std::optional<std::filesystem::path> finish(
      const std::vector<std::size_t>& failed_chains = {},
      std::size_t most = std::numeric_limits<std::size_t>::max(),
      double seconds = std::numeric_limits<double>::infinity());

  /// Closes and removes OUT.partial.
  void discard() noexcept;

  /// OUT.partial, where the draws are collected.
  const std::filesystem::path& partial() const noexcept;

  /// The same, where finish() left it to be gone on with.
  std::optional<std::filesystem::path> left() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A chain file opened for reading; finished, unfinished or still being written. Only draws that
/// every chain had finished when it was opened count. What is read is compared with the digests
/// that the file holds of it: DamagedFile where it differs, from Draws too. May be read from
/// several threads, one at a time inside.
class ChainFile {
 public:
  /// Throws InputError (no such file, not a chain file, another major version).
  explicit ChainFile(const std::filesystem::path& file);
  ~ChainFile();
  ChainFile(ChainFile&&) noexcept;

  const Draws& posterior() const noexcept;
  const Draws& statistics() const noexcept;

  bool complete() const noexcept;  // every chain holds all draws that were asked for
  std::size_t draws_requested() const noexcept;
  double sampling_seconds() const noexcept;              // of the slowest chain
  std::string attribute(const std::string& name) const;  // text of a root attribute; "" if absent
  std::string config() const;                            // JSON

  /// Where every chain stands after posterior().draws() draws, or in its warm-up; nothing in a file
  /// that does not say so.
  std::optional<std::vector<ChainState>> states() const;
  std::optional<FitData> data() const;  // what the fit was made from, if stored

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes the draws that every chain of an unfinished file has to `out`, and removes the file where
/// it is OUT.partial. Returns their number. Throws what ChainFile and ChainWriter throw about
/// either.
std::size_t recover(const std::filesystem::path& file, const std::filesystem::path& out, bool force,
                    bool durable = false);

}  // namespace tarn::io
