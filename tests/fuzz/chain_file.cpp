// A chain file with any damage: refused in words, or read as what it was, as far as it holds
// digests. The checksums of HDF5's own tables are not put right: libhdf5 1.10 itself crashes then.
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include <unistd.h>

#include "damage.hpp"
#include "fuzzing.hpp"
#include "tarn/error.hpp"
#include "tarn/io/chain_store.hpp"

namespace {

using tarn::fuzz::require;

/// The first byte of an input.
constexpr unsigned which = 3, recovers = 8;

struct Base {
  std::string bytes;
  bool has_digests;
};

std::string content(const std::string& name) {
  std::ifstream stream(std::string(TARN_FUZZ_CHAIN_FILES "/") + name, std::ios::binary);
  require(stream.good(), "chain files lie beside the targets");
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Names, labels and the draws of each chain.
struct Group {
  std::string names;
  std::vector<tarn::Matrix> chains;
};

struct Answers {
  std::optional<Group> posterior, statistics;
  std::optional<std::string> config, states, data;
};

bool same_bits(const tarn::Matrix& a, const tarn::Matrix& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() &&
         (a.size() == 0 || std::memcmp(a.data(), b.data(),
                                       sizeof(double) * static_cast<std::size_t>(a.size())) == 0);
}

template <class Number>
void append(std::string& text, const Number* values, std::size_t count) {
  if (count > 0) text.append(reinterpret_cast<const char*>(values), count * sizeof(Number));
  text += '|';
}

void append(std::string& text, const std::string& part) { append(text, part.data(), part.size()); }

Group read(const tarn::Draws& draws) {
  constexpr std::size_t most = 1 << 20;  // numbers
  const tarn::Layout& layout = draws.layout();
  Group group;
  for (std::size_t b = 0; b < layout.blocks(); ++b) {
    append(group.names, layout.block(b).name);
    group.names += tarn::to_string(layout.block(b).support);
    for (const tarn::Axis& axis : layout.block(b).axes) {
      append(group.names, axis.name);
      for (const std::string& label : axis.labels) append(group.names, label);
    }
  }
  if (layout.size() == 0 || draws.draws() * draws.chains() > most / layout.size()) return group;
  const auto count = static_cast<Eigen::Index>(draws.draws());
  for (std::size_t chain = 0; chain < draws.chains(); ++chain) {
    tarn::Matrix& all = group.chains.emplace_back(layout.size(), count);
    if (count > 0) draws.read_draws(chain, 0, all);
  }
  if (count == 0) return group;
  for (std::size_t b = 0; b < layout.blocks(); ++b) {
    tarn::Matrix columns(count * static_cast<Eigen::Index>(draws.chains()),
                         static_cast<Eigen::Index>(layout.block(b).size()));
    draws.read(b, 0, columns);
    for (std::size_t chain = 0; chain < draws.chains(); ++chain) {
      const tarn::Matrix part =
          columns.middleRows(static_cast<Eigen::Index>(chain) * count, count).transpose();
      const tarn::Matrix other =
          group.chains[chain].middleRows(static_cast<Eigen::Index>(layout.offset(b)), part.rows());
      require(same_bits(part, other), "draws are the same by variable and by draw");
    }
  }
  return group;
}

std::string text_of(const std::optional<std::vector<tarn::ChainState>>& states) {
  std::string text = states ? "" : "none";
  if (!states) return text;
  for (const tarn::ChainState& state : *states) {
    const std::size_t counts[] = {state.number, state.warmed_up, state.draws};
    append(text, counts, 3);
    append(text, state.theta.data(), static_cast<std::size_t>(state.theta.size()));
    append(text, state.tuning.data(), state.tuning.size());
  }
  return text;
}

std::string text_of(const std::optional<tarn::io::FitData>& data) {
  std::string text = data ? "" : "none";
  if (!data) return text;
  append(text, data->row_numbers.data(), data->row_numbers.size());
  append(text, data->response);
  append(text, data->observed.data(), static_cast<std::size_t>(data->observed.size()));
  for (const tarn::Column& column : data->table.columns) {
    append(text, column.name);
    append(text, column.numbers.data(), column.numbers.size());
    append(text, column.codes.data(), column.codes.size());
    for (const std::string& level : column.levels) append(text, level);
  }
  return text;
}

std::string last_refusal;

template <class Ask>
auto answer(Ask ask) -> std::optional<decltype(ask())> {
  try {
    return ask();
  } catch (const tarn::Error& error) {
    last_refusal = error.what();
    return std::nullopt;
  }
}

Answers read(const std::string& path) {
  Answers all;
  try {
    const tarn::io::ChainFile file(path);
    all.posterior = answer([&] { return read(file.posterior()); });
    all.statistics = answer([&] { return read(file.statistics()); });
    all.config = answer([&] { return file.config(); });
    all.states = answer([&] { return text_of(file.states()); });
    all.data = answer([&] { return text_of(file.data()); });
    answer([&] { return file.attribute("tarn_seed"); });
  } catch (const tarn::Error& error) {
    last_refusal = error.what();
  }
  return all;
}

void require_draws_of(const std::optional<Group>& group, const std::optional<Group>& whole) {
  if (!group) return;
  require(group->names == whole->names && group->chains.size() == whole->chains.size(),
          "names and labels are those that were stored");
  for (std::size_t chain = 0; chain < group->chains.size(); ++chain) {
    const tarn::Matrix& a = group->chains[chain];
    const tarn::Matrix b =
        whole->chains[chain].leftCols(std::min(a.cols(), whole->chains[chain].cols()));
    require(same_bits(a, b), "draws are those that were stored");
  }
}

void try_recovery(const std::string& path) {
  const std::string out = path + ".h5";
  answer([&] {
    const std::size_t draws = tarn::io::recover(path, out, true);
    require(tarn::io::ChainFile(out).posterior().draws() == draws,
            "what is recovered has the draws that are said");
    return draws;
  });
  ::unlink(out.c_str());
}

}  // namespace

// What libhdf5 1.10 has taken when it refuses a file it does not always give back.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Base> bases{
      {content("fit.h5"), true},
      {content("killed.h5.partial"), true},
      {content("../../old_files/1.0/random_intercept_slice.h5"), false}};
  static const std::vector<Answers> answers = [] {
    std::vector<Answers> all;
    for (const Base& each : bases) {
      all.push_back(read(tarn::fuzz::File(each.bytes).path()));
      const Answers& whole = all.back();
      require(whole.posterior && whole.statistics && whole.config && whole.states && whole.data,
              "a whole file is read; " + last_refusal);
    }
    return all;
  }();
  if (size == 0) return 0;
  const std::size_t chosen = (data[0] & which) % bases.size();
  const Base& from = bases[chosen];
  std::string bytes = from.bytes;
  tarn::fuzz::damage(bytes, {data + 1, size - 1});

  const tarn::fuzz::File file(bytes);
  const Answers found = read(file.path());
  if ((data[0] & recovers) != 0) try_recovery(file.path());
  if (!from.has_digests) return 0;
  const Answers& whole = answers[chosen];
  require_draws_of(found.posterior, whole.posterior);
  require_draws_of(found.statistics, whole.statistics);
  require(!found.config || found.config == whole.config, "the configuration is that of the run");
  require(!found.data || found.data == whole.data, "the data are those of the fit");
  return 0;
}
