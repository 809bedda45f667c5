// The plugin `convergence` as a user meets it: its table, its findings and its settings.
#define BOOST_TEST_MODULE convergence_verdict
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "convergence_draws.hpp"
#include "tarn/plugin.hpp"

// The test is linked with the plugin's objects.
extern "C" const tarn::abi::Descriptor tarn_plugin_v4;

namespace {

/// Draws of a fit whose parameters are of the kinds given.
class ToyDraws final : public tarn::Draws {
 public:
  ToyDraws(std::size_t chains, std::size_t draws) : chains_(chains), draws_(draws) {}

  ToyDraws& block(const std::string& name, const std::vector<std::string>& kinds,
                  tarn::Support support = tarn::Support::real, bool derived = false) {
    tarn::Block block{name};
    block.derived = derived;
    if (support == tarn::Support::correlation) {
      block.axes = {{"term", {"a", "b"}}, {"term_2", {"a", "b"}}};
    } else if (kinds.size() > 1) {
      block.axes = {{name + "_term", kinds}};
    }
    block.support = support;
    layout_.add(block);
    kinds_.push_back(kinds);
    return *this;
  }

  std::size_t chains() const noexcept override { return chains_; }
  std::size_t draws() const noexcept override { return draws_; }
  const tarn::Layout& layout() const noexcept override { return layout_; }
  void read(std::size_t block, std::size_t first, tarn::MatrixRef into) const override {
    for (Eigen::Index i = 0; i < into.cols(); ++i) {
      const auto x = convergence_draws(kinds_[block][first + i], chains_, draws_);
      into.col(i) = Eigen::Map<const tarn::Vector>(x.data(), into.rows());
    }
  }
  void read_draws(std::size_t, std::size_t, tarn::MatrixRef) const override {
    BOOST_FAIL("convergence reads parameters, not draws");
  }

 private:
  std::size_t chains_;
  std::size_t draws_;
  tarn::Layout layout_;
  std::vector<std::vector<std::string>> kinds_;
};

tarn::Report evaluate(const tarn::Draws& draws, const std::vector<std::string>& given = {},
                      const std::map<std::string, double>& truth = {}) {
  tarn::Plugin plugin;
  tarn_plugin_v4.register_types(plugin);
  const tarn::DiagnosticType& type = plugin.diagnostics.at(0);
  const tarn::Settings settings(type.settings, given, "convergence");
  tarn::Report report;
  type.make(settings)->evaluate({.posterior = draws, .truth = truth}, report);
  return report;
}

/// What a sampler says of draws of an approximation: the same of every draw.
class ToyStatistics final : public tarn::Draws {
 public:
  ToyStatistics(double worth, double pareto_k, bool reweighted)
      : values_{worth, pareto_k, reweighted ? 1.0 : 0.0} {
    for (const char* name : {"importance_ess", "pareto_k", "reweighted"}) layout_.add({name});
  }

  std::size_t chains() const noexcept override { return 4; }
  std::size_t draws() const noexcept override { return 1000; }
  const tarn::Layout& layout() const noexcept override { return layout_; }
  void read(std::size_t block, std::size_t, tarn::MatrixRef into) const override {
    into.setConstant(values_[block]);
  }
  void read_draws(std::size_t, std::size_t, tarn::MatrixRef) const override {
    BOOST_FAIL("convergence reads statistics one by one");
  }

 private:
  std::vector<double> values_;
  tarn::Layout layout_;
};

tarn::Report of_approximation(const ToyStatistics& statistics) {
  tarn::Plugin plugin;
  tarn_plugin_v4.register_types(plugin);
  const tarn::DiagnosticType& type = plugin.diagnostics.at(0);
  const tarn::Settings settings(type.settings, {}, "convergence");
  const auto draws = ToyDraws(4, 1000).block("b", {"uniform", "very_slow"});
  tarn::Report report;
  type.make(settings)->evaluate({.posterior = draws, .statistics = &statistics}, report);
  return report;
}

std::vector<std::string> sentences(const tarn::Report& report, tarn::Finding::Level level) {
  std::vector<std::string> found;
  for (const auto& finding : report.findings()) {
    if (finding.level == level) found.push_back(finding.sentence);
  }
  return found;
}

using Level = tarn::Finding::Level;

}  // namespace

BOOST_AUTO_TEST_CASE(good_chains_are_praised_in_one_sentence) {
  const auto report =
      evaluate(ToyDraws(4, 1000).block("b", {"uniform", "heavy"}).block("sigma", {"uniform"}));
  BOOST_TEST_REQUIRE(report.findings().size() == 1);
  BOOST_TEST((report.findings()[0].level == Level::good));
  BOOST_TEST(report.findings()[0].sentence ==
             "all 3 parameters: R-hat below 1.01, at least 3,613 effective draws");
}

BOOST_AUTO_TEST_CASE(the_table_has_a_row_for_every_element_and_the_columns_asked_for) {
  const auto draws = ToyDraws(4, 200).block("b", {"uniform", "slow"}).block("sigma", {"coarse"});
  const auto report = evaluate(draws, {"quantiles=0.05, 0.5", "mcse_quantiles="});
  BOOST_TEST_REQUIRE(report.tables().size() == 1);
  const auto& table = report.tables()[0];
  BOOST_TEST(table.name == "parameters");
  BOOST_TEST(table.rows == (std::vector<std::string>{"b[uniform]", "b[slow]", "sigma"}),
             boost::test_tools::per_element());
  BOOST_TEST(table.columns == (std::vector<std::string>{"mean", "sd", "mcse_mean", "mcse_sd", "q5",
                                                        "q50", "rhat", "ess_bulk", "ess_tail"}),
             boost::test_tools::per_element());
  BOOST_TEST(table.values.size() == 27);
  BOOST_TEST(std::abs(table.at(1, 6) - 1.0477550627659393) < 1e-10);  // posterior::rhat
  BOOST_TEST(table.at(2, 5) == 2);
}

BOOST_AUTO_TEST_CASE(true_values_are_counted_in_their_intervals) {
  const auto draws = ToyDraws(4, 1000).block("b", {"uniform", "heavy"}).block("sigma", {"uniform"});
  const auto report = evaluate(draws, {}, {{"b[uniform]", 0.5}, {"sigma", 2}, {"unknown", 0}});
  BOOST_TEST(sentences(report, Level::good).back() ==
             "1 of 2 true values lie in their 95 % intervals");
  // Two of two missed happen once in 400 times.
  const auto bad = evaluate(draws, {}, {{"b[uniform]", 7}, {"sigma", 2}});
  BOOST_TEST(sentences(bad, Level::note).back().starts_with("0 of 2 true values"));
}

BOOST_AUTO_TEST_CASE(chains_that_disagree_are_named_the_worst_first_with_advice) {
  const auto bad = sentences(
      evaluate(ToyDraws(4, 1000).block("b", {"uniform", "very_slow"}).block("tau", {"very_slow"})),
      Level::bad);
  BOOST_TEST_REQUIRE(bad.size() == 2);
  BOOST_TEST(bad[0] ==
             "R-hat is above 1.01 for 2 of 3 parameters, worst b[very_slow] (1.13), tau (1.13): "
             "the chains do not agree yet; run longer: --draws 4000");
  BOOST_TEST(bad[1] ==
             "fewer than 400 effective draws for 2 of 3 parameters, fewest b[very_slow] (bulk 27, "
             "tail 87), tau (bulk 27, tail 87): intervals and tails are not reliable; run longer: "
             "--draws 20000");
}

BOOST_AUTO_TEST_CASE(limits_can_be_set) {
  const ToyDraws draws = ToyDraws(4, 1000).block("tau", {"very_slow"});
  BOOST_TEST(sentences(evaluate(draws, {"max_rhat=1.2"}), Level::bad).size() == 1);
  const auto good = sentences(evaluate(draws, {"max_rhat=1.2", "min_ess=5"}), Level::good);
  BOOST_TEST_REQUIRE(good.size() == 1);
  BOOST_TEST(good[0] == "tau: R-hat below 1.2, at least 27 effective draws");
}

BOOST_AUTO_TEST_CASE(draws_of_an_approximation_are_not_compared_by_chains) {
  const auto report = of_approximation(ToyStatistics(1000, 0.32, true));
  BOOST_TEST_REQUIRE(report.findings().size() == 1);
  BOOST_TEST((report.findings()[0].level == Level::note));
  // Of each chain 1 / (1 / 1000 + 1 / 1000).
  BOOST_TEST(report.findings()[0].sentence ==
             "approximate: independent draws of an approximation, reweighted by the exact density "
             "(k-hat 0.32, reliable up to 0.7), worth 2,000 effective draws; another sampler draws "
             "from the posterior itself");
  const tarn::ReportTable& table = report.tables()[0];
  const auto at = [&](const std::string& column) {
    return table.at(1, std::ranges::find(table.columns, column) - table.columns.begin());
  };
  BOOST_TEST(std::isnan(at("rhat")));
  BOOST_TEST(at("ess_bulk") == 2000, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(at("ess_tail") == 2000, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(at("mcse_mean") == at("sd") / std::sqrt(2000.0), boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(draws_of_an_approximation_are_bad_where_no_weights_can_be_told) {
  const auto bad = sentences(of_approximation(ToyStatistics(1000, 1.5, false)), Level::bad);
  BOOST_TEST_REQUIRE(bad.size() == 1);
  BOOST_TEST(bad[0] ==
             "approximate: independent draws of an approximation, not reweighted: k-hat 1.50 is "
             "above 0.7, so how far they are from the posterior cannot be told; fit with another "
             "sampler");
}

BOOST_AUTO_TEST_CASE(draws_of_an_approximation_are_bad_where_few_points_weigh) {
  const auto bad = sentences(of_approximation(ToyStatistics(50, 0.6, true)), Level::bad);
  BOOST_TEST_REQUIRE(bad.size() == 1);
  BOOST_TEST(bad[0] ==
             "approximate: independent draws of an approximation, reweighted by the exact density "
             "(k-hat 0.60, reliable up to 0.7), are worth 190 effective draws, fewer than 400: "
             "intervals and tails are not reliable; fit with another sampler, or draw from more "
             "points: --set points=N");
}

BOOST_AUTO_TEST_CASE(constant_and_infinite_parameters_are_bad_and_named) {
  const auto report = evaluate(
      ToyDraws(4, 200).block("b", {"uniform", "constant", "infinite"}).block("tau", {"missing"}));
  const auto bad = sentences(report, Level::bad);
  BOOST_TEST_REQUIRE(bad.size() == 2);
  BOOST_TEST(bad[0] ==
             "draws that are not finite in 2 of 4 parameters (b[infinite], tau); check the model, "
             "its priors and the scale of the data");
  BOOST_TEST(
      bad[1] ==
      "the same value in every draw of 1 of 4 parameters (b[constant]); check the model, its "
      "priors and the scale of the data");
  BOOST_TEST(sentences(report, Level::good).empty());
}

BOOST_AUTO_TEST_CASE(a_derived_number_may_be_the_same_in_every_draw) {
  // A correlation of intercepts at 0, far from all data, is 1 to its last digit.
  const auto report = evaluate(ToyDraws(4, 200)
                                   .block("cor_g", {"uniform", "constant", "constant", "uniform"},
                                          tarn::Support::correlation, true)
                                   .block("b", {"uniform", "uniform"}));
  BOOST_TEST(sentences(report, Level::bad).empty());
  BOOST_TEST(sentences(report, Level::good).size() == 1);
}

BOOST_AUTO_TEST_CASE(each_correlation_of_a_matrix_is_judged_once) {
  const auto report = evaluate(ToyDraws(4, 200).block(
      "cor_g", {"constant", "uniform", "uniform", "constant"}, tarn::Support::correlation));
  BOOST_TEST(sentences(report, Level::bad).empty());
  BOOST_TEST(sentences(report, Level::good).size() == 1);
  BOOST_TEST(report.tables().at(0).rows == std::vector<std::string>{"cor_g[a,b]"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(too_few_draws_are_said_before_anything_else) {
  const auto bad = sentences(evaluate(ToyDraws(4, 11).block("tau", {"very_slow"})), Level::bad);
  BOOST_TEST_REQUIRE(bad.size() == 1);
  BOOST_TEST(bad[0] ==
             "44 draws in all are too few to judge convergence by; run longer: --draws 100");
}

BOOST_AUTO_TEST_CASE(a_fit_without_draws_is_bad) {
  const auto bad = sentences(evaluate(ToyDraws(4, 0).block("tau", {"uniform"})), Level::bad);
  BOOST_TEST(bad.size() == 1);
}

BOOST_AUTO_TEST_CASE(one_chain_is_judged_with_a_note) {
  const auto report = evaluate(ToyDraws(1, 333).block("b", {"uniform"}));
  const auto notes = sentences(report, Level::note);
  BOOST_TEST_REQUIRE(notes.size() == 1);
  BOOST_TEST(notes[0] ==
             "with one chain R-hat can only compare its two halves; run several: --chains 4");
  BOOST_TEST(sentences(report, Level::good).size() == 1);
}

BOOST_AUTO_TEST_CASE(the_number_of_threads_does_not_change_a_bit) {
  std::vector<std::string> kinds;
  for (int i = 0; i < 60; ++i) {
    for (const char* kind : {"uniform", "slow", "sticky", "coarse", "missing"})
      kinds.push_back(kind);
  }
  const auto draws = ToyDraws(3, 101).block("r", kinds);
  const auto one = evaluate(draws, {"threads=1"}).tables()[0].values;
  const auto three = evaluate(draws, {"threads=3"}).tables()[0].values;
  BOOST_TEST_REQUIRE(one.size() == three.size());
  BOOST_TEST(std::memcmp(one.data(), three.data(), one.size() * sizeof(double)) == 0);
}

BOOST_AUTO_TEST_CASE(blocks_can_be_chosen) {
  const auto draws = ToyDraws(4, 200)
                         .block("b", {"uniform"})
                         .block("r_county", {"slow", "coarse"})
                         .block("sd", {"slow"});
  const auto table = evaluate(draws, {"blocks=sd, b"}).tables()[0];
  BOOST_TEST(table.rows == (std::vector<std::string>{"sd", "b"}), boost::test_tools::per_element());
  BOOST_CHECK_EXCEPTION(
      evaluate(draws, {"blocks=r_conty"}), tarn::UsageError, [](const auto& error) {
        return std::string(error.what()) ==
               "blocks: no variable 'r_conty' in the draws; did you mean 'r_county'? there are b, "
               "r_county and sd";
      });
}

BOOST_AUTO_TEST_CASE(probabilities_outside_0_and_1_are_refused) {
  const auto draws = ToyDraws(4, 200).block("b", {"uniform"});
  for (const char* given : {"quantiles=0.5,1.5", "quantiles=0.5,x", "mcse_quantiles=0"}) {
    BOOST_CHECK_EXCEPTION(evaluate(draws, {given}), tarn::UsageError, [](const auto& error) {
      return std::string(error.what())
                 .find(
                     "is not a probability; write numbers above 0 and below "
                     "1, separated by commas") != std::string::npos;
    });
  }
}
