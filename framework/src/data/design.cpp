// The two coordinate systems of the coefficients.
#include "tarn/design.hpp"

#include <algorithm>

namespace tarn {

std::string Grouping::variable() const {
  std::string text = name;
  std::ranges::replace(text, ':', '_');
  return text;
}

std::vector<std::size_t> Design::terms_on(std::size_t grouping) const {
  std::vector<std::size_t> numbers;
  for (std::size_t t = 0; t < terms.size(); ++t) {
    if (terms[t].grouping == grouping) numbers.push_back(t);
  }
  return numbers;
}

void Design::to_user(VectorRef b) const {
  if (has_intercept) b[0] -= center.tail(center.size() - 1).dot(b.tail(b.size() - 1));
}

void Design::to_working(VectorRef b) const {
  if (has_intercept) b[0] += center.tail(center.size() - 1).dot(b.tail(b.size() - 1));
}

void Design::gradient_to_user(VectorRef gradient) const {
  if (has_intercept)
    gradient.tail(gradient.size() - 1) += center.tail(center.size() - 1) * gradient[0];
}

Rows Design::all_rows() const {
  Rows all;
  rows->read(0, rows->count(), all);
  return all;
}

}  // namespace tarn
