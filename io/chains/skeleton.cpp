// A chain file with all its metadata and no draws yet.
#include "chains/skeleton.hpp"

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <limits>
#include <numeric>
#include <sstream>

#include "chains/fit_data.hpp"
#include "chains/hdf5.hpp"
#include "chains/layout_digest.hpp"
#include "data/digest.hpp"

namespace tarn::io {
namespace {

constexpr const char* release = TARN_VERSION;

/// How a type is stored, and what stands where nothing was written yet.
struct Storage {
  const H5::PredType& type;
  const void* fill;
};

Storage storage_of(Variable::Type type) {
  static constexpr double no_real = std::numeric_limits<double>::quiet_NaN();
  static constexpr std::int32_t no_integer = -1;
  static constexpr std::int8_t no_boolean = 0;
  switch (type) {
    case Variable::Type::integer:
      return {H5::PredType::STD_I32LE, &no_integer};
    case Variable::Type::boolean:
      return {H5::PredType::STD_I8LE, &no_boolean};
    case Variable::Type::real:
      break;
  }
  return {H5::PredType::IEEE_F64LE, &no_real};
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

/// Whether the sampler says that its draws are those of an approximation.
bool is_approximate(const GroupSchema& statistics) {
  return std::ranges::find(statistics.variables, approximation_statistic, &Variable::block) !=
         statistics.variables.end();
}

void describe_run(const H5::H5File& file, const Plan& plan, const Provenance& run,
                  const std::string& created_at) {
  hdf5::write_attribute(file, "tarn_format_version", format_version);
  describe_origin(file, created_at);
  const auto text = [&](const char* name, std::string_view value) {
    hdf5::write_attribute(file, name, value);
  };
  text("creation_library", "tarn");
  text("creation_library_version", release);
  text("creation_library_language", "C++");
  text("name", run.name);
  text("tarn_model_plugin", run.model_plugin);
  text("tarn_model_plugin_version", run.model_plugin_version);
  text("tarn_sampler", run.sampler);
  text("tarn_sampler_version", run.sampler_version);
  text("tarn_rng", run.rng);
  text("tarn_seed", std::to_string(run.seed));  // as text: R and JavaScript lose digits beyond 2^53
  text("tarn_config_sha256", Digest({run.config}).hex());
  text("tarn_data_sha256", run.data_sha256);
  text("tarn_layout_sha256", layout_digest(plan.posterior, plan.statistics));
  if (run.data) text("tarn_rows_sha256", digest_of(*run.data));
  if (!run.plan.empty()) text("tarn_plan", run.plan);
  if (is_approximate(plan.statistics)) text("tarn_approximate", "1");
  if (!run.build.empty()) text("tarn_build", run.build);
  if (!plan.posterior.empty.empty()) text("tarn_empty", joined(plan.posterior.empty));
  hdf5::write_attribute(file, "tarn_thin", static_cast<std::int64_t>(run.thin));
  hdf5::write_attribute(file, "tarn_warmup", static_cast<std::int64_t>(run.warmup));
  hdf5::write_attribute(file, "tarn_draws_requested",
                        static_cast<std::int64_t>(run.draws_requested));
  hdf5::create_dataset(file, "tarn_config", hdf5::text_type(), {})
      .write(run.config, hdf5::text_type());  // a dataset: an attribute ends at 64 kB
}

H5::DataSet create_scale(const H5::Group& group, const Dimension& dimension) {
  if (dimension.labels.empty()) {
    return create_numbered_scale(group, dimension.name, dimension.length);
  }
  H5::DataSet scale =
      hdf5::create_dataset(group, dimension.name, hdf5::text_type(), {dimension.length});
  hdf5::make_scale(scale, dimension.name);
  if (!dimension.axis.empty() && dimension.axis != dimension.name) {
    hdf5::write_attribute(scale, "tarn_name", dimension.axis);
  }
  hdf5::write_texts(scale, dimension.labels);
  return scale;
}

H5::DataSet create_variable(const H5::Group& group, const Variable& variable,
                            const Extent& extent) {
  const Storage storage = storage_of(variable.type);
  H5::DataSet dataset = hdf5::create_unfilled(group, variable.name, storage.type, extent,
                                              chunk_of(extent), storage.fill);
  const auto text = [&](const char* name, std::string_view value) {
    if (!value.empty()) hdf5::write_attribute(dataset, name, value);
  };
  text("long_name", variable.describes);
  text("tarn_transform", variable.transform);
  text("tarn_role", variable.role);
  text("tarn_name", variable.block == variable.name ? "" : variable.block);
  text("dtype", variable.type == Variable::Type::boolean ? "bool" : "");
  return dataset;
}

/// All scales, then all variables, and chain's scale for what belongs to the chain alone.
struct CreatedGroup {
  H5::Group group;
  H5::DataSet chain, digest_axis, state_axis;
  std::vector<H5::DataSet> variables;
};

CreatedGroup create_group(const H5::H5File& file, const char* name, const GroupSchema& schema,
                          const Plan& plan, const std::string& created_at, std::size_t digests = 0,
                          std::size_t states = 0) {
  CreatedGroup made{hdf5::create_group(file, name), {}, {}, {}, {}};
  describe_origin(made.group, created_at);
  made.chain = create_numbered_scale(made.group, std::string(chain_name), plan.chains);
  const H5::DataSet draw = create_numbered_scale(made.group, std::string(draw_name), plan.draws);
  if (digests > 0) {
    made.digest_axis = create_numbered_scale(made.group, std::string(digest_axis), digests);
  }
  if (states > 0) {
    made.state_axis = create_numbered_scale(made.group, std::string(state_axis), states);
  }
  std::vector<H5::DataSet> scales;
  for (const Dimension& dimension : schema.dimensions) {
    scales.push_back(create_scale(made.group, dimension));
  }
  for (const Variable& variable : schema.variables) {
    const H5::DataSet dataset =
        create_variable(made.group, variable, schema.extent(variable, plan.chains, plan.draws));
    hdf5::attach_scale(dataset, made.chain, 0);
    hdf5::attach_scale(dataset, draw, 1);
    for (unsigned axis = 0; axis < variable.dimensions.size(); ++axis) {
      hdf5::attach_scale(dataset, scales[variable.dimensions[axis]], axis + 2);
    }
    made.variables.push_back(dataset);
  }
  return made;
}

/// One value per chain, 0 at first.
H5::DataSet create_tally(const CreatedGroup& made, std::string_view name, const H5::DataType& type,
                         const char* describes, std::size_t chains) {
  H5::DataSet dataset = hdf5::create_dataset(made.group, std::string(name), type, {chains});
  hdf5::write_attribute(dataset, "long_name", describes);
  hdf5::attach_scale(dataset, made.chain, 0);
  return dataset;
}

}  // namespace

double Plan::draw_bytes() const {
  double total = 0;
  for (const GroupSchema* group : {&posterior, &statistics}) {
    for (const Variable& variable : group->variables) {
      const Extent extent = group->extent(variable, chains, draws);
      const Extent chunk = chunk_of(extent);
      auto size = static_cast<double>(storage_of(variable.type).type.getSize());
      for (std::size_t axis = 0; axis < extent.size(); ++axis) {
        const auto step = chunk.empty() ? 1 : chunk[axis];
        size *= static_cast<double>((extent[axis] + step - 1) / step * step);  // whole chunks
      }
      total += size;
    }
  }
  const std::size_t rows = digests().length() + (states ? states->row() : 0);
  return total + 8 * static_cast<double>(rows) * static_cast<double>(chains + 1);
}

DigestPlan Plan::digests() const {
  std::vector<Extent> extents;
  for (const GroupSchema* group : {&posterior, &statistics}) {
    for (const Variable& variable : group->variables) {
      extents.push_back(group->extent(variable, chains, draws));
    }
  }
  return {draws, extents};
}

double Plan::file_bytes() const {
  double total = draw_bytes() + data_bytes + 1e6;
  for (const GroupSchema* group : {&posterior, &statistics}) {
    total += 4096.0 * static_cast<double>(group->variables.size() + group->dimensions.size());
    for (const Dimension& dimension : group->dimensions) {
      for (const std::string& label : dimension.labels) {
        total += 64.0 + static_cast<double>(label.size());
      }
    }
  }
  return total;
}

Skeleton::Skeleton(const std::filesystem::path& path, const Plan& plan,
                   const Provenance& provenance, hdf5::ErrorTrap& trap)
    : file(hdf5::create_file(path)) {
  if (const int full = hdf5::hold_space(file, plan.draw_bytes())) {
    trap.fail(full);
  }
  const std::string created_at = timestamp();
  describe_run(file, plan, provenance, created_at);
  posterior = create_group(file, "posterior", plan.posterior, plan, created_at).variables;
  const std::size_t count = plan.digests().length();
  CreatedGroup made = create_group(file, "sample_stats", plan.statistics, plan, created_at, count,
                                   plan.states ? plan.states->row() : 0);
  statistics = std::move(made.variables);
  draws_done = create_tally(made, done_name, H5::PredType::STD_I64LE,
                            "draws that are safely in the file", plan.chains);
  sampling_seconds = create_tally(made, seconds_name, H5::PredType::IEEE_F64LE,
                                  "wall time of these draws in seconds", plan.chains);
  if (count > 0) digests = create_digests(made.group, made.chain, made.digest_axis);
  if (plan.states) states = create_states(made.group, made.chain, made.state_axis);
  if (provenance.data) {
    write_fit_data(file, *provenance.data,
                   [&](const H5::Group& group) { describe_origin(group, created_at); });
  }
  // The second flush gives back what the first left over at the file's end. Otherwise the first
  // checkpoint would, and a kill between its two writes would leave a file that does not open.
  file.flush(H5F_SCOPE_GLOBAL);
  file.flush(H5F_SCOPE_GLOBAL);
  // Draws lie behind metadata, so the last of them behind what was held at first.
  const auto size = static_cast<double>(file.getFileSize());
  if (const int full = hdf5::hold_space(file, size, plan.draw_bytes())) trap.fail(full);
  trap.check();
}

H5::DataSet create_digests(const H5::Group& statistics, const H5::DataSet& chain,
                           const H5::DataSet& axis) {
  static constexpr double none = -1;  // whole numbers below 2^53: R makes 64-bit integers NA
  H5::DataSet dataset =
      hdf5::create_dataset(statistics, std::string(digest_name), H5::PredType::IEEE_F64LE,
                           {hdf5::extent(chain).at(0), hdf5::extent(axis).at(0)}, {}, &none);
  hdf5::write_attribute(dataset, "long_name",
                        "2^32 x draws covered + CRC-32, for each piece of the draws");
  hdf5::attach_scale(dataset, chain, 0);
  hdf5::attach_scale(dataset, axis, 1);
  return dataset;
}

std::string timestamp() {
  const std::time_t seconds = std::time(nullptr);
  std::tm local{};
  localtime_r(&seconds, &local);
  std::ostringstream text;
  text << std::put_time(&local, "%Y-%m-%dT%H:%M:%S%z");
  std::string stamp = text.str();
  stamp.insert(stamp.end() - 2, ':');
  return stamp;
}

void describe_origin(const H5::Group& group, const std::string& created_at) {
  hdf5::write_attribute(group, "created_at", created_at);
  hdf5::write_attribute(group, "inference_library", "tarn");
  hdf5::write_attribute(group, "inference_library_version", release);
}

H5::DataSet create_numbered_scale(const H5::Group& group, const std::string& name,
                                  std::size_t length) {
  H5::DataSet scale = hdf5::create_dataset(group, name, H5::PredType::STD_I64LE, {length});
  hdf5::make_scale(scale, name);
  std::vector<std::int64_t> numbers(length);
  std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
  scale.write(numbers.data(), H5::PredType::NATIVE_INT64);
  return scale;
}

}  // namespace tarn::io
