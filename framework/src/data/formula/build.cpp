// Builds a design: rows, left side, columns, groups, measures, then refusals.
#include "data/formula/build.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "data/formula/cells/complaint.hpp"
#include "data/formula/language/token.hpp"
#include "data/formula/left_side.hpp"
#include "data/formula/matrix/centering.hpp"
#include "data/formula/matrix/empty_cells.hpp"
#include "data/formula/matrix/measure.hpp"
#include "data/formula/notes/columns.hpp"
#include "data/formula/ordinal.hpp"
#include "data/formula/refuse.hpp"
#include "data/formula/rows_used.hpp"
#include "data/formula/values/category.hpp"
#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

class Builder {
 public:
  Builder(const Formula& formula, Frame frame, Built& built)
      : formula_(formula.parsed),
        expanded_(formula.expanded),
        built_(built),
        rows_(std::make_shared<DesignRows>(std::move(frame))),
        scope_{formula.parsed.text, rows_->frame, built.learnt},
        left_side_(formula_, built_, *rows_, scope_) {}

  void build(const FormulaOptions& options) {
    kind_ = options.response;
    built_.learnt.intercept = options.intercept;
    left_side_.read(kind_);
    read_offsets();
    read_right_side();
    measure_columns(options);
  }

  /// Of a parameter of the family, where nothing is observed.
  void build_predictor(FormulaOptions options) {
    kind_ = ResponseKind::count;  // may be the same in all rows, as it is
    options.intercept = true;
    read_offsets();
    read_right_side();
    measure_columns(options);
  }

  /// Over new data: nothing is learnt, the left side may be missing.
  void build_new(bool has_response, const FormulaState& state, MissingGroup rule) {
    scope_.is_new = true;
    design().response = deparse(inside(formula_.response));
    built_.learnt.intercept = state.intercept;
    if (has_response) {
      left_side_.read_new();
    } else {
      rows_->response.constant = std::numeric_limits<double>::quiet_NaN();
    }
    build_new_predictor(state, rule);
  }

  void build_new_predictor(const FormulaState& state, MissingGroup rule) {
    scope_.is_new = true;
    rule_ = rule;
    left_side_.read_parts();
    read_offsets();
    read_right_side();
    if (!state.intercept) leave_out_intercept(*rows_, design());
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
    center_groups(*rows_, state.group_center);
  }

  const std::vector<LeftOutColumn>& left_out() const noexcept { return left_out_; }

  std::vector<std::size_t> known_levels() const { return known_levels_; }

 private:
  Design& design() { return built_.design; }

  void read_right_side() {
    Sum population = expanded_.population;
    if (!built_.learnt.intercept) population.intercept = true;  // and is left out at last
    rows_->columns = columns_of(population, variables_, scope_);
    if (!built_.learnt.intercept) refuse_own_levels(expanded_.population, rows_->columns, scope_);
    set_apart(rows_->columns, [](const std::string& label) { return label; });
    for (const ProductColumn& column : rows_->columns) {
      design().coefficients.push_back(column.label);
    }
    design().has_intercept = population.intercept;
    for (const Bar& bar : expanded_.bars) add_groups(bar);
    rows_->variables = variables_.all();
    design().rows = rows_;
    built_.rows = rows_;
    for (std::string& note : scope_.notes) built_.said.push_back(std::move(note));
  }

  void read_offsets() {
    for (const Node& offset : expanded_.offsets) rows_->offsets.push_back(compile(offset, scope_));
    design().has_offset = !rows_->offsets.empty();
  }

  /// Over new data the columns that the fit left out are not among the others.
  template <class Key>
  void set_apart(std::vector<ProductColumn>& columns, Key key) {
    if (!scope_.is_new || built_.learnt.left_out.empty()) return;
    std::vector<ProductColumn> kept;
    for (ProductColumn& column : columns) {
      const std::string text = key(column.label);
      if (built_.learnt.left_out.contains(text)) {
        if (rule_ == MissingGroup::ignored && text != column.label) continue;
        left_out_.push_back({std::move(column), built_.learnt.left_out.at(text)});
      } else {
        kept.push_back(std::move(column));
      }
    }
    columns = std::move(kept);
  }

  void add_groups(const Bar& bar) {
    const std::size_t grouping = grouping_number(bar);
    std::vector<ProductColumn> columns = columns_of(bar.columns, variables_, scope_);
    set_apart(columns, [&](const std::string& label) {
      return left_out_key(label, design().groupings[grouping].name);
    });
    if (columns.empty()) return;
    if (bar.correlated) {
      add_term(grouping, std::move(columns));
      return;
    }
    for (ProductColumn& column : columns) add_term(grouping, {std::move(column)});
  }

  /// A term that stands there already is the same term: (1 | g) + (x || g) has one intercept.
  void add_term(std::size_t grouping, std::vector<ProductColumn> columns) {
    GroupTerm term;
    term.grouping = grouping;
    term.correlated = columns.size() > 1;
    for (const ProductColumn& column : columns) term.columns.push_back(column.label);
    const auto same = [&term](const GroupTerm& other) {
      return other.grouping == term.grouping &&
             std::ranges::is_permutation(other.columns, term.columns);
    };
    if (std::ranges::any_of(design().terms, same)) return;
    design().terms.push_back(std::move(term));
    rows_->term_columns.push_back(std::move(columns));
  }

  static std::string name_of(const Node& node) {
    return node.kind == Node::Kind::name ? node.text : deparse(node);
  }

  /// a:b and b:a have the same groups.
  std::size_t grouping_number(const Bar& bar) {
    std::string name;
    std::vector<std::string> parts;
    for (const Node& node : bar.grouping) {
      parts.push_back(name_of(node));
      name += (name.empty() ? "" : ":") + parts.back();
    }
    std::ranges::sort(parts);
    const auto found = std::ranges::find(grouping_parts_, parts);
    if (found != grouping_parts_.end()) {
      return static_cast<std::size_t>(found - grouping_parts_.begin());
    }
    grouping_parts_.push_back(std::move(parts));
    if (rule_ == MissingGroup::ignored) {
      known_levels_.push_back(0);
      design().groupings.push_back({name, {}});
      rows_->levels.emplace_back(rows_->frame.count(), 0);
      return design().groupings.size() - 1;
    }
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
    admit_missing(factor);
    design().groupings.push_back({name, std::move(factor.levels)});
    rows_->levels.push_back(std::move(factor.codes));
    return design().groupings.size() - 1;
  }

  /// Levels for the rows whose group is missing.
  void admit_missing(Factor& factor) const {
    std::int32_t shared = -1;
    for (std::size_t i = 0; i < factor.codes.size(); ++i) {
      if (factor.codes[i] >= 0) continue;
      const bool own = rule_ == MissingGroup::own;
      if (own || shared < 0) {
        shared = static_cast<std::int32_t>(factor.levels.size());
        factor.levels.push_back(own ? fmt::format("(missing in row {})", rows_->frame.row(i) + 1)
                                    : "(missing)");
      }
      factor.codes[i] = shared;
    }
  }

  void measure_columns(const FormulaOptions& options) {
    Measures measures = measure(*rows_);
    built_.learnt.left_out = leave_out_empty(*rows_, design(), measures);
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
    center_groups(*rows_, design(), measures, options.center && options.center_groups);
    for (const Vector& mean : rows_->term_center) {
      built_.learnt.group_center.emplace_back(mean.begin(), mean.end());
    }
    refuse_degenerate(design(), measures, is_discrete(kind_));
    refuse_groups(design(), measures);
    refuse_dependent(design(), *rows_);
    if (!options.intercept) {
      leave_out_intercept(*rows_, design());
      design() = design().with_rows(rows_);  // whose moments are others
    }
    built_.learnt.coefficients = design().coefficients;
    built_.learnt.center.assign(design().center.begin(), design().center.end());
    built_.notes = left_out_notes(built_.learnt.left_out);
    for (std::string& note : notes_on(design(), *rows_, measures, kind_)) {
      built_.notes.push_back(std::move(note));
    }
    add_notes_on_categories(*rows_, design(), built_.notes);
  }

  const Parsed& formula_;
  const Expanded& expanded_;
  ResponseKind kind_ = ResponseKind::real;
  Built& built_;
  std::shared_ptr<DesignRows> rows_;
  Variables variables_;
  Scope scope_;
  LeftSide left_side_;
  std::vector<std::size_t> known_levels_;                 // of each grouping
  std::vector<std::vector<std::string>> grouping_parts_;  // of each grouping, in order of bytes
  MissingGroup rule_ = MissingGroup::missing;
  std::vector<LeftOutColumn> left_out_;  // over new data: what the fit has no coefficients for
};

}  // namespace

std::vector<std::size_t> row_numbers(const Frame& frame) {
  std::vector<std::size_t> numbers(frame.count());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = frame.row(i) + 1;
  return numbers;
}

void build_one(const Formula& formula, Frame frame, const FormulaOptions& options, Built& built) {
  Builder builder(formula, std::move(frame), built);
  if (formula.of_parameter) {
    builder.build_predictor(options);
  } else {
    builder.build(options);
  }
}

NewBuilt build_one_new(const Formula& formula, Frame frame, bool has_response,
                       const FormulaState& state, MissingGroup rule) {
  NewBuilt result;
  result.built.learnt = state;
  Builder builder(formula, std::move(frame), result.built);
  if (formula.of_parameter) {
    builder.build_new_predictor(state, rule);
  } else {
    builder.build_new(has_response, state, rule);
  }
  result.known = builder.known_levels();
  result.cells = cells_needed(*result.built.rows, builder.left_out());
  return result;
}

}  // namespace tarn::formula
