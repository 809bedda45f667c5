// Small fits with formulas for parameters of the family, responses drawn from the family.
#pragma once

#include <cmath>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "fit.hpp"
#include "tarn/family.hpp"
#include "tarn/formula.hpp"
#include "tarn/model.hpp"

namespace tarn::test {

struct PredictorCase {
  std::string family;
  std::vector<std::string> formulas;
  std::vector<std::string> priors = {};

  friend std::ostream& operator<<(std::ostream& out, const PredictorCase& c) {
    out << c.family;
    for (const std::string& formula : c.formulas) out << ", " << formula;
    return out;
  }
};

inline Column numbers_column(const std::string& name, std::vector<double> numbers) {
  Column column;
  column.name = name;
  column.numbers = std::move(numbers);
  return column;
}

inline Column labels_column(const std::string& name, std::vector<std::int32_t> codes,
                            std::int32_t levels) {
  Column column;
  column.name = name;
  column.is_text = true;
  for (std::int32_t j = 0; j < levels; ++j) column.levels.push_back(name + std::to_string(j));
  column.codes = std::move(codes);
  return column;
}

/// Columns y, x (off centre), z, w, f (three levels), g (six) and h (four); y as a family has it.
inline std::shared_ptr<Table> predictor_table(const Family& family, ResponseKind kind,
                                              std::size_t rows = 48, double shift = 0) {
  Rng rng({61, 0, Purpose::test});
  std::vector<double> x, z, w, y;
  std::vector<std::int32_t> f, g, h;
  for (std::size_t i = 0; i < rows; ++i) {
    x.push_back(2 + shift + rng.normal());
    z.push_back(rng.uniform() < 0.5 ? 0 : 1);
    w.push_back(1 + std::floor(3 * rng.uniform()));
    f.push_back(static_cast<std::int32_t>(i % 3));
    g.push_back(static_cast<std::int32_t>(i * 5 % 6));
    h.push_back(static_cast<std::int32_t>(i / 3 % 4));
    const double eta = 0.4 + 0.3 * (x.back() - 2 - shift) + 0.7 * rng.normal();
    y.push_back(kind == ResponseKind::real         ? 3 * eta
                : kind == ResponseKind::positive   ? std::exp(eta)
                : kind == ResponseKind::proportion ? to_mean(Link::logit, eta)
                : kind == ResponseKind::count      ? std::floor(4 * rng.uniform() * std::exp(eta))
                : i % 4 == 0                       ? 0
                                                   : std::exp(eta));
    if (family.refuses(y.back(), 1)) y.back() = 1;
  }
  auto table = std::make_shared<Table>();
  table->source = "data.csv";
  table->rows = rows;
  table->columns = {numbers_column("y", y),  numbers_column("x", x),   numbers_column("z", z),
                    numbers_column("w", w),  labels_column("f", f, 3), labels_column("g", g, 6),
                    labels_column("h", h, 4)};
  return table;
}

inline Design predictor_design(const std::string& family, const std::vector<std::string>& formulas,
                               std::shared_ptr<const Table> table = nullptr) {
  const ResponseKind kind = response_kind(registry(), family);
  if (!table) table = predictor_table(*make_family(registry(), family), kind);
  ParsedDesign parsed = make_design(formulas, table, {.response = kind});
  set_family(registry(), family, parsed.design, parsed.row_numbers);
  return std::move(parsed.design);
}

/// A model that the registry chooses, with what it is made from.
struct Made {
  Made(Design from, const std::vector<std::string>& given)
      : design(std::move(from)),
        type(*registry().model_for(design).type),
        priors(type.parameters(design), given),
        settings(type.settings, {}, type.name),
        model(type.make({design, priors, settings})) {}
  explicit Made(const PredictorCase& c) : Made(predictor_design(c.family, c.formulas), c.priors) {}

  Vector start(std::uint32_t chain) const {
    Rng rng({62, chain, Purpose::test});
    Vector theta(static_cast<Eigen::Index>(model->layout().size()));
    model->start(theta, rng);
    return theta;
  }

  /// The values of a block, to read and change.
  auto of(Vector& theta, const std::string& block) const {
    const Layout& layout = model->layout();
    return layout.of(VectorRef(theta), layout.find(block).value());
  }

  Design design;
  ModelType type;
  Priors priors;
  Settings settings;
  std::unique_ptr<Model> model;
};

}  // namespace tarn::test
