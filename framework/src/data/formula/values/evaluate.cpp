// Evaluation of expressions by runs of rows: one loop per node, none per row and node.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "data/formula/values/arithmetic.hpp"
#include "data/formula/values/expression.hpp"
#include "tarn/error.hpp"

namespace tarn::formula {
namespace {

using Op = Expression::Op;

/// `b` is one number where the step is 0, else a run.
template <class Function>
void combine(double* a, const double* b, std::size_t step, std::size_t count, Function f) {
  if (step == 0) {
    const double right = *b;
    for (std::size_t i = 0; i < count; ++i) a[i] = f(a[i], right);
  } else {
    for (std::size_t i = 0; i < count; ++i) a[i] = f(a[i], b[i]);
  }
}

double interval_of(const Expression& e, double x) {
  const std::vector<double>& b = e.points;
  const double missing = std::numeric_limits<double>::quiet_NaN();
  if (std::isnan(x) || x < b.front() || x > b.back()) return missing;
  const double last = static_cast<double>(b.size() - 1);
  if (e.right) {
    const auto place = std::ranges::lower_bound(b, x) - b.begin();
    if (place > 0) return static_cast<double>(place);
    return e.include_lowest ? 1 : missing;
  }
  const auto place = std::ranges::upper_bound(b, x) - b.begin();
  if (x < b.back()) return static_cast<double>(place);
  return e.include_lowest ? last : missing;
}

double value_at(const Expression& e, double x) {
  const auto found = std::ranges::lower_bound(e.points, x);
  if (found == e.points.end() || *found != x) return std::numeric_limits<double>::quiet_NaN();
  return e.values[as_size(found - e.points.begin())];
}

void combine(Op op, double* a, const double* b, std::size_t step, std::size_t count) {
  const auto apply = [=](auto f) { combine(a, b, step, count, f); };
  const auto truth = [](bool value) { return value ? 1.0 : 0.0; };
  switch (op) {
    case Op::add:
      return apply([](double x, double y) { return x + y; });
    case Op::subtract:
      return apply([](double x, double y) { return x - y; });
    case Op::multiply:
      return apply([](double x, double y) { return x * y; });
    case Op::divide:
      return apply([](double x, double y) { return x / y; });
    case Op::power:
      return apply([](double x, double y) { return y == 2 ? x * x : std::pow(x, y); });
    case Op::remainder:
      return apply(remainder_of);
    case Op::whole_quotient:
      return apply(whole_quotient);
    case Op::smaller:
      return apply([](double x, double y) { return std::min(x, y); });
    case Op::larger:
      return apply([](double x, double y) { return std::max(x, y); });
    case Op::log_base:
      return apply(log_to_base);
    case Op::angle:
      return apply([](double x, double y) { return std::atan2(x, y); });
    case Op::equal:
      return apply([=](double x, double y) { return truth(x == y); });
    case Op::unequal:
      return apply([=](double x, double y) { return truth(x != y); });
    case Op::less:
      return apply([=](double x, double y) { return truth(x < y); });
    case Op::greater:
      return apply([=](double x, double y) { return truth(x > y); });
    case Op::at_most:
      return apply([=](double x, double y) { return truth(x <= y); });
    case Op::at_least:
      return apply([=](double x, double y) { return truth(x >= y); });
    case Op::both:
      return apply([=](double x, double y) { return truth(x != 0 && y != 0); });
    default:
      return apply([=](double x, double y) { return truth(x != 0 || y != 0); });
  }
}

void evaluate_right(const Expression& e, const Frame& frame, std::size_t first, std::size_t count,
                    double* out) {
  const Expression& right = e.arguments.back();
  if (right.op == Op::constant) return combine(e.op, out, &right.constant, 0, count);
  if (right.op == Op::column && frame.is_whole()) {
    return combine(e.op, out, frame.place(*right.column, first), 1, count);
  }
  std::array<double, chunk_rows> values;
  evaluate(right, frame, first, count, values.data());
  combine(e.op, out, values.data(), 1, count);
}

void choose(const Expression& e, const Frame& frame, std::size_t first, std::size_t count,
            double* out) {
  std::array<double, chunk_rows> yes;
  std::array<double, chunk_rows> no;
  evaluate(e.arguments[1], frame, first, count, yes.data());
  evaluate(e.arguments[2], frame, first, count, no.data());
  for (std::size_t i = 0; i < count; ++i) out[i] = out[i] != 0 ? yes[i] : no[i];
}

}  // namespace

void evaluate(const Expression& e, const Frame& frame, std::size_t first, std::size_t count,
              double* out) {
  switch (e.op) {
    case Op::constant:
      std::fill_n(out, count, e.constant);
      return;
    case Op::column:
      frame.copy(*e.column, first, count, out);
      return;
    case Op::is_text:
      for (std::size_t i = 0; i < count; ++i) {
        out[i] = e.column->codes[frame.row(first + i)] == e.code ? 1 : 0;
      }
      return;
    case Op::by_text:
      for (std::size_t i = 0; i < count; ++i) {
        const std::int32_t code = e.column->codes[frame.row(first + i)];
        out[i] = code < 0 ? std::numeric_limits<double>::quiet_NaN() : e.values[as_size(code)];
      }
      return;
    case Op::by_row:
      std::copy_n(e.values.begin() + as_index(first), count, out);
      return;
    default:
      break;
  }
  evaluate(e.arguments.front(), frame, first, count, out);
  switch (e.op) {
    case Op::function:
      for (std::size_t i = 0; i < count; ++i) out[i] = e.function->apply(out[i]);
      return;
    case Op::affine:
      for (std::size_t i = 0; i < count; ++i) out[i] = (out[i] - e.shift) / e.divisor;
      return;
    case Op::to_digits:
      for (std::size_t i = 0; i < count; ++i) out[i] = rounded(out[i], e.digits);
      return;
    case Op::to_significant:
      for (std::size_t i = 0; i < count; ++i) out[i] = significant(out[i], e.digits);
      return;
    case Op::interval:
      for (std::size_t i = 0; i < count; ++i) out[i] = interval_of(e, out[i]);
      return;
    case Op::place:
      for (std::size_t i = 0; i < count; ++i) out[i] = value_at(e, out[i]);
      return;
    case Op::number:
      return;
    case Op::choose:
      return choose(e, frame, first, count, out);
    case Op::negate:
      for (std::size_t i = 0; i < count; ++i) out[i] = -out[i];
      return;
    case Op::invert:
      for (std::size_t i = 0; i < count; ++i) out[i] = out[i] == 0 ? 1 : 0;
      return;
    default:
      evaluate_right(e, frame, first, count, out);
  }
}

void require_finite(const Expression& e, const Frame& frame, std::size_t i) {
  double value = 0;
  evaluate(e, frame, i, 1, &value);
  if (std::isfinite(value)) return;
  for (const Expression& argument : e.arguments) {
    if (e.op == Op::choose) break;
    require_finite(argument, frame, i);
  }
  if (e.op == Op::choose) {
    evaluate(e.arguments.front(), frame, i, 1, &value);
    require_finite(e.arguments[value != 0 ? 1 : 2], frame, i);
  }
  const std::size_t row = frame.row(i) + 1;
  if (e.op == Op::column) {
    throw InputError(fmt::format("column '{}' is infinite in row {}; correct or remove the row",
                                 e.column->name, row));
  }
  std::string where;
  for (const Expression& argument : e.arguments) {
    if (argument.op == Op::constant) continue;
    evaluate(argument, frame, i, 1, &value);
    where += fmt::format("{} {} is {}", where.empty() ? ", where" : " and", argument.text,
                         number_text(value));
  }
  std::string need;
  if (e.op == Op::function && !e.function->needs.empty()) {
    need = fmt::format("; {}() needs {}", e.function->name, e.function->needs);
  }
  throw InputError(
      fmt::format("{} is not a finite number in row {}{}{}", e.text, row, where, need));
}

void for_each_run(const Expression& expression, const Frame& frame,
                  const std::function<void(std::size_t, std::span<const double>)>& visit) {
  std::array<double, chunk_rows> values;
  for (std::size_t first = 0; first < frame.count(); first += chunk_rows) {
    const std::size_t count = std::min(chunk_rows, frame.count() - first);
    evaluate(expression, frame, first, count, values.data());
    for (std::size_t i = 0; i < count; ++i) {
      if (!std::isfinite(values[i])) require_finite(expression, frame, first + i);
    }
    visit(first, std::span(values.data(), count));
  }
}

}  // namespace tarn::formula
