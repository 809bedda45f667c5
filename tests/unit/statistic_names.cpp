// Names of statistics: what diagnostics ask for, what samplers declare, what the page says of both.
#define BOOST_TEST_MODULE statistic_names
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "fit.hpp"
#include "matrix_rows.hpp"
#include "tarn/plugin.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

const char* type_of(Statistic::Type type) {
  return type == Statistic::Type::real ? "F64" : type == Statistic::Type::integer ? "I32" : "bool";
}

/// Four marginal parameters: enough for a mixture, where the few of a grid report no Pareto k.
Data data_of() {
  Data data{Matrix(60, 1), Vector(60)};
  for (Eigen::Index i = 0; i < 60; ++i) {
    data.X(i, 0) = static_cast<double>(i % 11);
    data.y[i] = static_cast<double>(i % 7) + 0.3 * static_cast<double>(i % 4);
    data.level.push_back(static_cast<std::int32_t>(i % 6));
  }
  data.slopes = data.X;
  return data;
}

struct Declared {
  std::string type;
  std::set<std::string> samplers;
};

/// Adds by name what samplers report of a model with group slopes, and who of them.
void declare(const Design& design, std::map<std::string, Declared>& all) {
  const ModelType& type = *registry().model("random_slope").type;
  const Priors priors(type.parameters(design), {});
  const ModelType model = narrowed(type, design, priors);
  const Settings settings(model.settings, {}, "model");
  for (const std::string& name : registry().samplers_fitting(model)) {
    const SamplerType& sampler = *registry().sampler(name).type;
    const Settings standard(sampler.settings, {}, name);
    const Run run(model, {design, priors, settings}, sampler, standard, {});
    for (const Statistic& statistic : run.statistics()) {
      Declared& one = all[statistic.name];
      if (!one.type.empty()) BOOST_TEST(one.type == type_of(statistic.type), statistic.name);
      one.type = type_of(statistic.type);
      one.samplers.insert(name);
    }
  }
}

std::map<std::string, Declared> declared() {
  std::map<std::string, Declared> all;
  Data data = data_of();
  declare(design_of(data), all);
  for (double& y : data.y) y = y > 3 ? 1 : 0;
  Design binary = design_of(data);
  binary.family = make_family(registry(), "bernoulli");
  declare(binary, all);
  return all;
}

/// Rows of the table of statistics in docs/chain-file.md: name, type, who has it.
std::map<std::string, Declared> documented() {
  std::map<std::string, Declared> all;
  std::ifstream page(TARN_CHAIN_FILE_PAGE);
  std::string line;
  while (std::getline(page, line) && line != "## Statistics") {
  }
  const std::regex row(R"(\| `(\w+)`[^|]*\| `(\w+)` \| ([^|]*) \|)");
  const std::regex word(R"(`(\w+)`)");
  while (std::getline(page, line) && !line.starts_with("## ")) {
    std::smatch found;
    if (!std::regex_match(line, found, row)) continue;
    Declared& one = all[found[1]];
    one.type = found[2];
    const std::string who = found[3];
    for (std::sregex_iterator at(who.begin(), who.end(), word), end; at != end; ++at) {
      one.samplers.insert((*at)[1]);
    }
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_statistic_that_a_diagnostic_asks_for_is_declared_by_a_sampler) {
  const auto known = declared();
  std::size_t asked = 0;
  for (const auto& plugin : registry().plugins()) {
    for (const DiagnosticType& type : plugin->types.diagnostics) {
      const bool needs = std::ranges::find(type.needs, "statistics") != type.needs.end();
      // One that does not need them may read those that are there.
      BOOST_TEST((!needs || !type.statistics.empty()), type.name);
      for (const std::string& name : type.statistics) {
        BOOST_TEST(known.contains(name), type.name << " asks for " << name);
        ++asked;
      }
    }
  }
  BOOST_TEST(asked > 0u);
}

BOOST_AUTO_TEST_CASE(the_page_lists_the_declared_statistics_and_no_others) {
  const auto known = declared();
  auto listed = documented();
  // What the file itself writes, of every run.
  for (const char* const own : {"draws_done", "sampling_seconds", "draws_crc", "chain_state"})
    BOOST_TEST(listed.erase(own) == 1u);
  for (const auto& [name, one] : known) {
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST_REQUIRE(listed.contains(name));
      BOOST_TEST(listed[name].type == one.type);
      for (const std::string& sampler : one.samplers) {
        BOOST_TEST(listed[name].samplers.contains(sampler), sampler);
      }
    }
  }
  for (const auto& [name, one] : listed) {
    BOOST_TEST(known.contains(name), name << " is listed, and no sampler declares it");
  }
}
