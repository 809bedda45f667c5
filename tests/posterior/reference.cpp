// Reference posteriors: every Gaussian one that the models can express, as users would type it.
#define BOOST_TEST_MODULE reference
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "fit.hpp"
#include "shared_data.hpp"
#include "tarn/error.hpp"
#include "tarn/formula.hpp"
#include "tarn/io/table_reader.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;
using nlohmann::json;

const std::string folder = "reference/posteriordb/";

std::shared_ptr<const Table> read(const std::string& path) {
  return io::read_table(std::vector<std::string>{shared(path)});
}

/// y and its five predecessors, for an autoregression; the first five rows only enter as lags.
std::shared_ptr<const Table> with_lags(const Table& table) {
  auto lagged = std::make_shared<Table>();
  const std::vector<double>& y = table.at("y").numbers;
  lagged->rows = table.rows - 5;
  for (std::size_t lag = 0; lag <= 5; ++lag) {
    Column column;
    column.name = lag == 0 ? "y" : "lag" + std::to_string(lag);
    const auto first = y.begin() + static_cast<std::ptrdiff_t>(5 - lag);
    column.numbers.assign(first, first + static_cast<std::ptrdiff_t>(lagged->rows));
    lagged->columns.push_back(std::move(column));
  }
  return lagged;
}

/// `b[Intercept] + r_county[*,Intercept]`, `b[x] - 22 * b[z]`, ...: a sum of terms, each a
/// parameter or a number times a parameter. Plus, minus and blanks inside brackets belong to names.
Vector evaluate(const Fitted& fitted, std::string expression, const std::string& index) {
  if (const auto star = expression.find("[*,"); star != std::string::npos) {
    expression.replace(star + 1, 1, index);
  }
  Vector sum = Vector::Zero(fitted.draws.values().rows());
  double sign = 1;
  std::size_t at = 0;
  while (at < expression.size()) {
    int depth = 0;
    std::size_t end = at;
    while (end < expression.size() && (depth > 0 || (expression.compare(end, 3, " + ") != 0 &&
                                                     expression.compare(end, 3, " - ") != 0))) {
      depth += expression[end] == '[' ? 1 : expression[end] == ']' ? -1 : 0;
      ++end;
    }
    std::string term = expression.substr(at, end - at);
    double factor = sign;
    if (const auto times = term.find(" * "); times < term.find('[')) {
      factor *= std::stod(term.substr(0, times));
      term = term.substr(times + 3);
    }
    sum += factor * fitted.column(term);
    if (end < expression.size()) sign = expression[end + 1] == '-' ? -1 : 1;
    at = end + 3;
  }
  return sum;
}

struct Expected {
  std::string parameter;
  double mean, sd, q05, q95;
};

std::vector<Expected> expected(const std::string& name) {
  const auto table = read(folder + name + "/exact.csv");
  const Column& parameter = table->at("parameter");
  std::vector<Expected> all;
  for (std::size_t i = 0; i < table->rows; ++i) {
    all.push_back({parameter.levels[static_cast<std::size_t>(parameter.codes[i])],
                   table->at("mean").numbers[i], table->at("sd").numbers[i],
                   table->at("q05").numbers[i], table->at("q95").numbers[i]});
  }
  return all;
}

/// alpha[7] by the entry alpha[*] with index 7; mu by the entry mu.
std::pair<std::string, std::string> find(const json& map, const std::string& parameter) {
  if (map.contains(parameter)) return {map.at(parameter), ""};
  const auto open = parameter.find('[');
  const std::string pattern = parameter.substr(0, open) + "[*]";
  if (open == std::string::npos || !map.contains(pattern)) return {"", ""};
  return {map.at(pattern), parameter.substr(open + 1, parameter.size() - open - 2)};
}

Design design_of_case(const json& entry, std::shared_ptr<const Table> table) {
  FormulaOptions options;
  options.center_groups = false;  // as in the models that the reference draws are from
  if (entry.contains("options")) {
    options.center = entry.at("options") != json::array({"--center", "no"});
  }
  const json& formula = entry.at("formula");
  const std::string first = formula.is_array() ? formula.front() : formula;
  return make_design(first, std::move(table), options).design;
}

/// 4 Monte Carlo standard errors for a parameter of the population; effects of groups are many
/// (some 500 here, four figures each), and get 5.
void check_case(const json& entry, const std::string& sampler) {
  const std::string name = entry.at("name");
  auto table = read(folder + name + "/data.csv");
  if (entry.value("prepare", "") == "lags") table = with_lags(*table);
  const Design design = design_of_case(entry, table);
  const std::string model = registry().model_for(design).type->name;
  const Fitted fitted =
      fit(design, {.model = model,
                   .sampler = sampler,
                   .priors = entry.at("priors"),
                   .plan = {.chains = 4, .warmup = 500, .draws = 5000, .seed = 2026}});

  std::vector<std::string> names;
  std::vector<Expected> figures;
  Matrix values(fitted.draws.values().rows(), 0);
  for (const Expected& e : expected(name)) {
    const auto [expression, index] = find(entry.at("map"), e.parameter);
    if (expression.empty()) continue;
    values.conservativeResize(Eigen::NoChange, values.cols() + 1);
    values.rightCols(1) = evaluate(fitted, expression, index);
    names.push_back(e.parameter);
    figures.push_back(e);
  }
  BOOST_TEST(names.size() > 0);
  const ReportTable table_of_figures = summarise(values, names, 4);
  const auto at = [&](std::size_t row, const std::string& column) {
    const auto found = std::ranges::find(table_of_figures.columns, column);
    return table_of_figures.at(row,
                               static_cast<std::size_t>(found - table_of_figures.columns.begin()));
  };
  for (std::size_t k = 0; k < names.size(); ++k) {
    const double limit = entry.at("map").contains(names[k]) ? 4 : 5;
    const auto check = [&](const std::string& figure, const std::string& error, double truth) {
      const double z = (at(k, figure) - truth) / at(k, error);
      BOOST_TEST(std::abs(z) < limit, name << " by " << sampler << ", " << names[k] << " " << figure
                                           << ": " << at(k, figure) << " against " << truth
                                           << ", z = " << z);
    };
    check("mean", "mcse_mean", figures[k].mean);
    check("sd", "mcse_sd", figures[k].sd);
    check("q5", "mcse_q5", figures[k].q05);
    check("q95", "mcse_q95", figures[k].q95);
  }
}

bool is_there(const json& entry) {
  return std::filesystem::exists(shared(folder + std::string(entry.at("name")) + "/exact.csv"));
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_sampler_meets_the_reference_posteriors,
                     *boost::unit_test::precondition(reference_is_there)) {
  std::ifstream file(shared(folder + "cases.json"));
  int checked = 0;
  for (const json& entry : json::parse(file)) {
    if (!is_there(entry)) continue;
    for (const std::string sampler : {"gibbs", "collapsed"}) check_case(entry, sampler);
    ++checked;
  }
  BOOST_TEST(checked >= 28);
}
