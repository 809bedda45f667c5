// The order of work: rows, left side, columns, groups, measures, faults.
#include "data/formula/build.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "data/formula/cells/complaint.hpp"
#include "data/formula/language/token.hpp"
#include "data/formula/matrix/measure.hpp"
#include "data/formula/matrix/refuse.hpp"
#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

/// Chooses the rows without missing values in these columns.
Frame choose_rows(const Parsed& formula, const Names& names, std::shared_ptr<const Table> table,
                  const FormulaOptions& options, std::vector<std::string>& dropped) {
  Frame frame(std::move(table));
  const std::string& source = frame.table().source;
  if (frame.count() == 0) {
    throw InputError(fmt::format("{} has no rows", source.empty() ? "the table" : source));
  }
  std::vector<const Column*> columns;
  for (const Node* const name : names) {
    const Column& column = column_at(*name, formula.text, frame.table());
    columns.push_back(&column);
    if (column.missing == 0) continue;
    if (column.missing == frame.count()) {
      fail_at(formula.text, name->at,
              fmt::format("column '{}' has no values: all {} cells are missing", column.name,
                          column.missing));
    }
    if (!options.drop_missing) {
      std::size_t row = 0;
      while (column.is_text ? column.codes[row] >= 0 : !std::isnan(column.numbers[row])) ++row;
      throw InputError(fmt::format(
          "column '{}' has {} missing value{}, the first in row {}; fill or remove them, or let "
          "such rows be dropped with --na drop",
          column.name, column.missing, column.missing == 1 ? "" : "s", row + 1));
    }
    dropped.push_back(fmt::format("{}: {} missing", column.name, column.missing));
  }
  frame.drop_missing(columns);
  if (frame.count() == 0) {
    throw InputError(
        fmt::format("no rows are left: each has a missing value ({})", list_of(dropped)));
  }
  return frame;
}

/// The columns that new data must have. Of the left side: those of se(s), and whichever parts are
/// there as a whole.
struct NewLeftSide {
  bool response = false, weights = false;
  Names columns;
};

bool has_all(const Table& table, const Names& names) {
  return std::ranges::all_of(names, [&table](const Node* name) { return table.find(name->text); });
}

NewLeftSide left_side_of(const Parsed& formula, const Table& table) {
  NewLeftSide side;
  const auto add = [&side](const Names& names) {
    side.columns.insert(side.columns.end(), names.begin(), names.end());
  };
  const Names response = columns_in(formula.response);
  if ((side.response = has_all(table, response))) add(response);
  if (formula.weights) {
    const Names weights = columns_in(*formula.weights);
    if ((side.weights = has_all(table, weights))) add(weights);
  }
  if (formula.errors) add(columns_in(*formula.errors));
  return side;
}

class Builder {
 public:
  Builder(const Parsed& formula, const Expanded& expanded, Frame frame, Built& built)
      : formula_(formula),
        expanded_(expanded),
        built_(built),
        rows_(std::make_shared<DesignRows>(std::move(frame))),
        scope_{formula.text, rows_->frame, built.learnt} {}

  void build(const FormulaOptions& options) {
    read_left_side();
    read_right_side();
    measure_columns(options);
  }

  /// Over new data: nothing is learnt, the left side may be missing.
  void build_new(const NewLeftSide& side, const FormulaState& state) {
    scope_.is_new = true;
    design().response = deparse(inside(formula_.response));
    if (side.weights) read_weights();
    if (side.response) {
      rows_->response = compile(inside(formula_.response), scope_);
    } else {
      rows_->response.constant = std::numeric_limits<double>::quiet_NaN();
    }
    read_offsets_and_errors();
    read_right_side();
    if (design().coefficients != state.coefficients) {
      throw InputError(
          fmt::format("over the new data '{}' has the columns {}, over the fit's it had {}: a "
                      "column of numbers "
                      "has become text, or text numbers; give it the kind that it had",
                      formula_.text, list_of(design().coefficients), list_of(state.coefficients)));
    }
    require_finite_columns(*rows_);
    rows_->center = Eigen::Map<const Vector>(state.center.data(),
                                             static_cast<Eigen::Index>(state.center.size()));
  }

  std::vector<std::size_t> known_levels() const { return known_levels_; }

 private:
  Design& design() { return built_.design; }

  void read_right_side() {
    rows_->columns = columns_of(expanded_.population, variables_, scope_);
    for (const ProductColumn& column : rows_->columns) {
      design().coefficients.push_back(column.label);
    }
    design().has_intercept = expanded_.population.intercept;
    for (const Bar& bar : expanded_.bars) add_groups(bar);
    rows_->variables = variables_.all();
    design().rows = rows_;
    built_.rows = rows_;
    built_.notes = std::move(scope_.notes);
  }

  void read_left_side() {
    const Node& response = inside(formula_.response);
    design().response = deparse(response);
    if (response.kind == Node::Kind::name) {
      const Column& column = column_at(response, formula_.text, rows_->frame.table());
      if (column.is_text) {
        fail_at(formula_.text, response.at,
                holds_text(column) + "; the response must be numbers" + numbers_by(column));
      }
    }
    read_weights();
    rows_->response = compile(response, scope_);
    read_offsets_and_errors();
  }

  void read_offsets_and_errors() {
    for (const Node& offset : expanded_.offsets) rows_->offsets.push_back(compile(offset, scope_));
    design().has_offset = !rows_->offsets.empty();
    if (formula_.errors) {
      rows_->errors = compile(*formula_.errors, scope_);
      design().known_errors = true;
      require("se", *rows_->errors, "must be positive", [](double s) { return s > 0; });
    }
  }

  /// Rows of weight zero say nothing; they are dropped first.
  void read_weights() {
    if (!formula_.weights) return;
    rows_->weights = compile(*formula_.weights, scope_);
    design().has_weights = true;
    require("weights", *rows_->weights, "must not be negative", [](double w) { return w >= 0; });
    std::vector<char> keep(rows_->frame.count(), 1);
    std::size_t zeros = 0;
    for_each_run(*rows_->weights, rows_->frame,
                 [&](std::size_t first, std::span<const double> values) {
                   for (std::size_t i = 0; i < values.size(); ++i) {
                     if (values[i] != 0) continue;
                     keep[first + i] = 0;
                     ++zeros;
                   }
                 });
    if (zeros == 0) return;
    if (zeros == keep.size()) throw InputError("all weights are 0: no rows are left");
    rows_->frame.keep_only(keep);
    built_.dropped.push_back(
        fmt::format("weights({}): {} of weight 0", rows_->weights->text, zeros));
  }

  template <class Test>
  void require(std::string_view name, const Expression& expression, std::string_view what,
               Test test) const {
    for_each_run(expression, rows_->frame, [&](std::size_t first, std::span<const double> values) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (test(values[i])) continue;
        throw InputError(fmt::format("{}({}) {}; in row {} it is {}", name, expression.text, what,
                                     rows_->frame.row(first + i) + 1, values[i]));
      }
    });
  }

  void add_groups(const Bar& bar) {
    GroupTerm term;
    term.grouping = grouping_number(bar);
    const std::vector<ProductColumn> columns = columns_of(bar.columns, variables_, scope_);
    term.correlated = bar.correlated && columns.size() > 1;
    if (bar.correlated) {
      for (const ProductColumn& column : columns) term.columns.push_back(column.label);
      design().terms.push_back(std::move(term));
      rows_->term_columns.push_back(columns);
      return;
    }
    for (const ProductColumn& column : columns) {
      term.columns = {column.label};
      design().terms.push_back(term);
      rows_->term_columns.push_back({column});
    }
  }

  std::size_t grouping_number(const Bar& bar) {
    std::string name;
    for (const Node& node : bar.grouping) {
      name += name.empty() ? "" : ":";
      name += node.kind == Node::Kind::name ? node.text : deparse(node);
    }
    auto& groupings = design().groupings;
    const auto found = std::ranges::find(groupings, name, &Grouping::name);
    if (found != groupings.end()) return static_cast<std::size_t>(found - groupings.begin());
    std::vector<Factor> factors;
    scope_.admits = scope_.is_new;
    for (const Node& node : bar.grouping) {
      if (deparse(node) == design().response) {
        fail_at(formula_.text, node.at,
                fmt::format("'{}' is the response; it cannot be a grouping factor too", node.text));
      }
      factors.push_back(grouping_of(node, scope_));
    }
    Factor factor = combination(factors, name, scope_);
    scope_.admits = false;
    known_levels_.push_back(factor.known);
    groupings.push_back({name, std::move(factor.levels)});
    rows_->levels.push_back(std::move(factor.codes));
    return groupings.size() - 1;
  }

  void measure_columns(const FormulaOptions& options) {
    const Measures measures = measure(*rows_);
    design().response_scale = measures.response.scale;
    for (const Extent& extent : measures.columns) design().column_scale.push_back(extent.scale);
    for (const auto& term : measures.terms) {
      auto& scales = design().group_column_scale.emplace_back();
      for (const Extent& extent : term) scales.push_back(extent.scale);
    }
    design().center = Vector::Zero(static_cast<Eigen::Index>(design().size()));
    if (design().has_intercept && options.center) {
      for (Eigen::Index j = 1; j < design().center.size(); ++j) {
        design().center(j) = measures.columns[static_cast<std::size_t>(j)].scale.mean;
      }
    }
    rows_->center = design().center;
    built_.learnt.coefficients = design().coefficients;
    built_.learnt.center.assign(design().center.begin(), design().center.end());
    refuse_degenerate(design(), measures);
    refuse_groups(design(), measures);
    refuse_dependent(design());
  }

  const Parsed& formula_;
  const Expanded& expanded_;
  Built& built_;
  std::shared_ptr<DesignRows> rows_;
  Variables variables_;
  Scope scope_;
  std::vector<std::size_t> known_levels_;  // of each grouping
};

}  // namespace

std::vector<std::size_t> row_numbers(const Frame& frame) {
  std::vector<std::size_t> numbers(frame.count());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = frame.row(i) + 1;
  return numbers;
}

Built build(const Parsed& formula, const Expanded& expanded, std::shared_ptr<const Table> table,
            const FormulaOptions& options) {
  Built built;
  Frame frame = choose_rows(formula, used_columns(formula, expanded), std::move(table), options,
                            built.dropped);
  Builder(formula, expanded, std::move(frame), built).build(options);
  return built;
}

NewRows build_new(const Parsed& formula, const Expanded& expanded,
                  std::shared_ptr<const Table> table, const FormulaState& state) {
  Built built;
  built.learnt = state;
  const NewLeftSide side = left_side_of(formula, *table);
  Names names = right_columns(expanded);
  names.insert(names.end(), side.columns.begin(), side.columns.end());
  Builder builder(formula, expanded,
                  choose_rows(formula, names, std::move(table), {}, built.dropped), built);
  builder.build_new(side, state);
  return {built.rows,
          side.response,
          std::move(built.design.groupings),
          builder.known_levels(),
          row_numbers(built.rows->frame),
          std::move(built.dropped)};
}

}  // namespace tarn::formula
