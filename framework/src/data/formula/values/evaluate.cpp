// Evaluation of expressions by runs of rows: one loop per node, none per row and node.
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

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

double remainder(double a, double b) {
  const double quotient = a / b;
  return a - std::floor(quotient) * b;
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
      return apply(remainder);
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
  for (const Expression& argument : e.arguments) require_finite(argument, frame, i);
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
