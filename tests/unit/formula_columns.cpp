// Design matrices equal R's model.matrix, labels and values.
#define BOOST_TEST_MODULE formula_columns
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tarn/formula.hpp"
#include "tarn/io/table_reader.hpp"

namespace {

using tarn::Matrix;

/// One column as R computed it: see data/formula.R.
struct Expected {
  std::string label;
  double sum = 0;
  double moment = 0;
  double squares = 0;
};

struct Case {
  std::string formula;
  std::vector<Expected> columns;
};

std::vector<Case> read_cases() {
  std::vector<Case> cases;
  std::ifstream file(TARN_TEST_DATA "/formula.txt");
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> cells;
    std::istringstream parts(line);
    for (std::string cell; std::getline(parts, cell, '\t');) cells.push_back(cell);
    if (cells[0] == "formula") {
      cases.push_back({cells[1], {}});
    } else {
      cases.back().columns.push_back(
          {cells[0], std::stod(cells[1]), std::stod(cells[2]), std::stod(cells[3])});
    }
  }
  return cases;
}

}  // namespace

BOOST_AUTO_TEST_CASE(labels_and_values_equal_those_of_R) {
  const std::vector<std::string> files{TARN_TEST_DATA "/formula.csv"};
  const auto table = tarn::io::read_table(files);
  const std::vector<Case> cases = read_cases();
  BOOST_TEST_REQUIRE(cases.size() > 80u);
  for (const Case& c : cases) {
    BOOST_TEST_CONTEXT(c.formula) {
      tarn::FormulaOptions options;
      options.center = false;
      const tarn::Design design = tarn::make_design(c.formula, table, options).design;
      const Matrix X = design.all_rows().X;
      BOOST_TEST_REQUIRE(design.size() == c.columns.size());
      const auto n = static_cast<double>(X.rows());
      const auto row = Eigen::ArrayXd::LinSpaced(X.rows(), 1, n);
      for (std::size_t j = 0; j < c.columns.size(); ++j) {
        const Expected& r = c.columns[j];
        const auto x = X.col(static_cast<Eigen::Index>(j)).array();
        BOOST_TEST(design.coefficients[j] == r.label);
        // Sums of n = 40 rounded numbers: rounding leaves about 1e-15 of the sum of magnitudes;
        // splines and orthogonal polynomials are computed another way than R's, which costs
        // another digit.
        const double size = 1e-13 * x.abs().sum();
        BOOST_TEST(std::abs(x.sum() - r.sum) <= size);
        BOOST_TEST(std::abs((x * row).sum() - r.moment) <= n * size);
        BOOST_TEST(std::abs(x.square().sum() - r.squares) <= size * x.abs().maxCoeff());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_block_of_rows_equals_the_same_rows_of_the_whole) {
  const std::vector<std::string> files{TARN_TEST_DATA "/formula.csv"};
  const auto table = tarn::io::read_table(files);
  const auto design =
      tarn::make_design("y | weights(w) ~ poly(x, 2) * g + log(z) + (1 + x | m) + offset(z)", table)
          .design;
  const tarn::Rows all = design.all_rows();
  tarn::Rows part;
  for (const auto& [first, count] : {std::pair{0, 7}, std::pair{7, 13}, std::pair{33, 7}}) {
    design.rows->read(static_cast<std::size_t>(first), static_cast<std::size_t>(count), part);
    BOOST_TEST(part.first == static_cast<std::size_t>(first));
    BOOST_TEST((part.X.array() == all.X.middleRows(first, count).array()).all());
    BOOST_TEST((part.y.array() == all.y.segment(first, count).array()).all());
    BOOST_TEST((part.weight.array() == all.weight.segment(first, count).array()).all());
    BOOST_TEST((part.Z[0].array() == all.Z[0].middleRows(first, count).array()).all());
    BOOST_TEST(
        std::equal(part.level[0].begin(), part.level[0].end(), all.level[0].begin() + first));
  }
}
