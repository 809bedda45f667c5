// The role of a diagnostic: it judges a finished fit and answers with findings, tables and figures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tarn/draws.hpp"
#include "tarn/figure.hpp"
#include "tarn/settings.hpp"

namespace tarn {

class Design;
class Model;
class Priors;
struct ModelType;

/// A judgement in a sentence, with advice.
struct Finding {
  enum class Level { good, note, bad };
  Level level = Level::note;
  std::string sentence;
};

/// Numbers for people and scripts: rows are labelled, columns are named.
struct ReportTable {
  std::string name;
  std::vector<std::string> columns;
  std::vector<std::string> rows;
  std::vector<double> values;  // row by row; NaN: cannot say
  std::string title = {};      // over the table, for people; none: the name

  double at(std::size_t row, std::size_t column) const {
    return values[row * columns.size() + column];
  }
};

/// What diagnostics add to.
class Report {
 public:
  void add(Finding finding) { findings_.push_back(std::move(finding)); }
  void add(ReportTable table) { tables_.push_back(std::move(table)); }
  void add(Figure figure) { figures_.push_back(std::move(figure)); }

  const std::vector<Finding>& findings() const noexcept { return findings_; }
  const std::vector<ReportTable>& tables() const noexcept { return tables_; }
  const std::vector<Figure>& figures() const noexcept { return figures_; }

 private:
  std::vector<Finding> findings_;
  std::vector<ReportTable> tables_;
  std::vector<Figure> figures_;
};

/// The model of a fit, over the data it was fitted to.
struct FittedModel {
  const ModelType& type;  // narrowed by the priors: its offers are what the model has
  const Design& design;
  const Priors& priors;
  std::vector<std::size_t> row_numbers;  // of the rows used, in the data, from 1
  /// A model whose theta is a column of Draws::read_draws; one for each thread that works.
  std::function<std::unique_ptr<Model>()> make;
};

/// Draws given fewer rows, from the posterior that the fit would have had without those left out:
/// ascending numbers from 0 among the rows used. Draws have the layout of the fit's own; effects of
/// levels without rows are drawn from their population. `number` names the random numbers. Throws
/// Error where that cannot be.
using Refit = std::function<std::unique_ptr<Draws>(const std::vector<std::size_t>& left_out,
                                                   std::uint32_t number)>;

/// A finished fit, as a diagnostic sees it.
struct Fit {
  const Draws& posterior;              // parameters
  const Draws* statistics = nullptr;   // what the sampler reported with each draw, if anything
  const FittedModel* model = nullptr;  // there if the diagnostic needs it
  std::map<std::string, double> truth = {};  // by element name, where the data were simulated
  bool wants_figures = false;                // else Report::add(Figure) is wasted work
  std::uint64_t seed = 1;                    // for what is drawn at random
  std::size_t threads = 1;                   // at most so many
  const Vector* observed = nullptr;          // the response of the rows used, if it is known
  Refit refit = {};                          // none: cannot be
  std::size_t most_refits = 0;               // that are worth their time
};

class Diagnostic {
 public:
  virtual ~Diagnostic();
  virtual void evaluate(const Fit& fit, Report& report) = 0;
};

}  // namespace tarn
