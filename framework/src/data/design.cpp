// The two coordinate systems of the coefficients.
#include "tarn/design.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace tarn {
namespace {

class WithResponse final : public RowSource {
 public:
  WithResponse(std::shared_ptr<const RowSource> rows, Vector y)
      : rows_(std::move(rows)), y_(std::move(y)) {}

  std::size_t count() const noexcept override { return rows_->count(); }
  void read(std::size_t first, std::size_t count, Rows& into) const override {
    rows_->read(first, count, into);
    into.y = y_.segment(static_cast<Eigen::Index>(first), static_cast<Eigen::Index>(count));
  }

 private:
  std::shared_ptr<const RowSource> rows_;
  Vector y_;
};

class SomeRows final : public RowSource {
 public:
  SomeRows(std::shared_ptr<const RowSource> rows, std::vector<std::size_t> numbers)
      : rows_(std::move(rows)), numbers_(std::move(numbers)) {}

  std::size_t count() const noexcept override { return numbers_.size(); }
  void read(std::size_t first, std::size_t count, Rows& into) const override {
    into = gathered(*rows_, std::span(numbers_).subspan(first, count));
    into.first = first;
  }

 private:
  std::shared_ptr<const RowSource> rows_;
  std::vector<std::size_t> numbers_;
};

}  // namespace

std::string Grouping::variable() const {
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool after_comma = i > 0 && name[i - 1] == ',' && name[i] == ' ';
    if (after_comma) continue;
    // Lists of variables, as in --set blocks=..., are separated by commas.
    text += name[i] == ':' || name[i] == ',' ? '_' : name[i];
  }
  return text;
}

std::vector<std::size_t> PredictorDesign::terms_on(std::size_t grouping) const {
  std::vector<std::size_t> numbers;
  for (std::size_t t = 0; t < terms.size(); ++t) {
    if (terms[t].grouping == grouping) numbers.push_back(t);
  }
  return numbers;
}

Centering PredictorDesign::coefficient_centering() const {
  if (!has_intercept || center.isZero(0)) return {};
  return {center, Vector::Unit(center.size(), 0)};
}

Centering PredictorDesign::term_centering(std::size_t term) const {
  return term < group_center.size() ? group_center[term] : Centering{};
}

std::vector<Centering> PredictorDesign::centering_on(std::size_t grouping) const {
  const std::vector<std::size_t> numbers = terms_on(grouping);
  Eigen::Index q = 0;
  for (const std::size_t t : numbers) q += std::ssize(terms[t].columns);
  std::vector<Centering> all;
  Eigen::Index first = 0;
  for (const std::size_t t : numbers) {
    const Eigen::Index own = std::ssize(terms[t].columns);
    if (const Centering centering = term_centering(t); centering.moves()) {
      Centering& wide = all.emplace_back(Centering{Vector::Zero(q), Vector::Zero(q)});
      wide.mean.segment(first, own) = centering.mean;
      wide.constant.segment(first, own) = centering.constant;
    }
    first += own;
  }
  return all;
}

void PredictorDesign::to_user(VectorRef b) const {
  if (has_intercept) b[0] -= center.tail(center.size() - 1).dot(b.tail(b.size() - 1));
}

void PredictorDesign::to_working(VectorRef b) const {
  if (has_intercept) b[0] += center.tail(center.size() - 1).dot(b.tail(b.size() - 1));
}

void PredictorDesign::gradient_to_user(VectorRef gradient) const {
  if (has_intercept)
    gradient.tail(gradient.size() - 1) += center.tail(center.size() - 1) * gradient[0];
}

std::string PredictorDesign::name(std::string_view of) const {
  return parameter.empty() ? std::string(of) : std::string(of) + '_' + parameter;
}

const PredictorDesign* Design::predictor_of(std::string_view parameter_name) const noexcept {
  if (parameter_name.empty()) return this;
  const auto found = std::ranges::find(predictors, parameter_name, &PredictorDesign::parameter);
  return found == predictors.end() ? nullptr : &*found;
}

std::size_t Design::groupings_in_all() const noexcept {
  std::size_t count = groupings.size();
  for (const PredictorDesign& predictor : predictors) count += predictor.groupings.size();
  return count;
}

const Grouping& Design::grouping(std::size_t number) const {
  if (number < groupings.size()) return groupings[number];
  number -= groupings.size();
  for (const PredictorDesign& predictor : predictors) {
    if (number < predictor.groupings.size()) return predictor.groupings[number];
    number -= predictor.groupings.size();
  }
  throw std::out_of_range("no such grouping");
}

Design Design::with_only(std::vector<std::size_t> numbers) const {
  return with_rows(std::make_shared<const SomeRows>(rows, std::move(numbers)));
}

Design Design::with_response(Vector y) const {
  return with_rows(std::make_shared<const WithResponse>(rows, std::move(y)));
}

Rows Design::all_rows() const {
  Rows all;
  rows->read(0, rows->count(), all);
  return all;
}

}  // namespace tarn
