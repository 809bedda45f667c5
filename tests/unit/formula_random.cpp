// Random formulas equal R's: rows used, labels, values, fitted values; see data/formula_random.R.
#define BOOST_TEST_MODULE formula_random
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Dense>

#include "tarn/error.hpp"
#include "tarn/formula.hpp"
#include "tarn/io/table_reader.hpp"

namespace {

using tarn::Matrix;
using tarn::Vector;

struct Case {
  std::string formula;
  std::size_t rows = 0;
  bool refused = false;
  std::vector<std::pair<std::string, double>> columns;  // label, weighted sum
  double fitted = 0;
};

std::vector<Case> read_cases() {
  std::vector<Case> cases;
  std::ifstream file(TARN_TEST_DATA "/formula_random.txt");
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> cells;
    std::istringstream parts(line);
    for (std::string cell; std::getline(parts, cell, '\t');) cells.push_back(cell);
    if (cells[0] == "formula") {
      cases.push_back({cells[2], std::stoul(cells[1]), false, {}, 0});
    } else if (cells[0] == "refused") {
      cases.back().refused = true;
    } else if (cells[0] == "fitted") {
      cases.back().fitted = std::stod(cells[1]);
    } else {
      cases.back().columns.emplace_back(cells[0], std::stod(cells[1]));
    }
  }
  return cases;
}

/// The weights of the R script.
Vector weights(Eigen::Index n) {
  Vector w(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const double product = static_cast<double>(i + 1) * 0.6180339887498949;
    w[i] = product - std::floor(product) - 0.5;
  }
  return w;
}

void compare(const Case& c, const tarn::Design& design) {
  const tarn::Rows all = design.all_rows();
  BOOST_TEST(all.count() == c.rows);
  std::vector<std::string> labels;
  for (const auto& [label, sum] : c.columns) labels.push_back(label);
  BOOST_TEST(design.coefficients == labels, boost::test_tools::per_element());
  if (design.coefficients != labels) return;
  const Vector w = weights(all.X.rows());
  for (std::size_t j = 0; j < labels.size(); ++j) {
    const auto x = all.X.col(static_cast<Eigen::Index>(j));
    // 72 values and 13 digits in the file; bases take another way than R's, which costs a digit.
    const double size = x.cwiseAbs().sum() * 0.5;
    BOOST_TEST(std::abs(w.dot(x) - c.columns[j].second) <=
                   1e-12 * size + 1e-12 * std::abs(c.columns[j].second),
               labels[j] << ": " << w.dot(x) << " and R's " << c.columns[j].second);
  }
  const Vector b = all.X.colPivHouseholderQr().solve(all.less_offset());
  // Pivots of the columns are above 1e-5 of them (the script leaves the others out): a fitted value
  // keeps 1e-16 / 1e-5 of the response.
  BOOST_TEST(std::abs(w.dot(all.X * b) - c.fitted) <= 1e-10 * all.y.cwiseAbs().sum(),
             "fitted: " << w.dot(all.X * b) << " and R's " << c.fitted);
}

}  // namespace

BOOST_AUTO_TEST_CASE(columns_and_fitted_values_of_random_formulas_equal_those_of_R) {
  const std::vector<std::string> files{TARN_TEST_DATA "/formula_random.csv"};
  const auto table = tarn::io::read_table(files);
  const std::vector<Case> cases = read_cases();
  BOOST_TEST_REQUIRE(cases.size() >= 300u);
  for (const Case& c : cases) {
    BOOST_TEST_CONTEXT(c.formula) {
      tarn::FormulaOptions options;
      options.center = false;
      try {
        const tarn::Design design = tarn::make_design(c.formula, table, options).design;
        BOOST_TEST(!c.refused, "R finds a rank deficient matrix");
        if (!c.refused) compare(c, design);
      } catch (const tarn::InputError& error) {
        BOOST_TEST(c.refused, error.what());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_was_learnt_gives_the_rows_of_the_fit_again) {
  const std::vector<std::string> files{TARN_TEST_DATA "/formula_random.csv"};
  const auto table = tarn::io::read_table(files);
  for (const Case& c : read_cases()) {
    if (c.refused) continue;
    BOOST_TEST_CONTEXT(c.formula) {
      const tarn::ParsedDesign parsed = tarn::make_design(c.formula, table);
      const tarn::NewRows rows = tarn::make_new_rows(c.formula, table, parsed.state);
      BOOST_TEST(rows.row_numbers == parsed.row_numbers);
      BOOST_TEST(rows.missing.size() == table->rows - parsed.row_numbers.size());
      tarn::Rows again;
      rows.rows->read(0, rows.rows->count(), again);
      const tarn::Rows all = parsed.design.all_rows();
      BOOST_TEST((again.X.array() == all.X.array()).all());
      BOOST_TEST((again.y.array() == all.y.array()).all());
    }
  }
}
