// The one place that knows what a row is made of.
#include "tarn/rows.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "tarn/memory.hpp"

namespace tarn {
namespace {

/// Visits the parts of some rows together with those of others, of the same shape: each part has an
/// entry for each row, or is empty.
template <class To, class From, class Visit>
void for_each_part_of_predictor(To& to, From& from, const Visit& visit) {
  visit(to.X, from.X);
  visit(to.offset, from.offset);
  for (std::size_t t = 0; t < from.Z.size(); ++t) visit(to.Z[t], from.Z[t]);
  for (std::size_t g = 0; g < from.level.size(); ++g) visit(to.level[g], from.level[g]);
}

template <class To, class From, class Visit>
void for_each_part(To& to, From& from, const Visit& visit) {
  for_each_part_of_predictor(to, from, visit);
  visit(to.y, from.y);
  visit(to.trials, from.trials);
  visit(to.frequency, from.frequency);
  visit(to.weight, from.weight);
  for (std::size_t k = 0; k < from.predictors.size(); ++k) {
    for_each_part_of_predictor(to.predictors[k], from.predictors[k], visit);
  }
  visit(to.in_data, from.in_data);
}

template <class T>
void resize_part(std::vector<T>& part, const std::vector<T>& like, std::size_t count) {
  part.resize(like.empty() ? 0 : count);
}
void resize_part(Vector& part, const Vector& like, std::size_t count) {
  part.resize(like.size() > 0 ? as_index(count) : 0);
}
void resize_part(Matrix& part, const Matrix& like, std::size_t count) {
  part.resize(as_index(count), like.cols());
}

template <class T>
void copy_part(std::vector<T>& to, std::size_t at, const std::vector<T>& from) {
  if (to.empty()) return;  // places, which need not be named
  std::ranges::copy(from, to.begin() + as_index(at));
}
void copy_part(auto& to, std::size_t at, const auto& from) {
  if (from.rows() > 0) to.middleRows(as_index(at), from.rows()) = from;
}

template <class T>
void select_part(std::vector<T>& to, const std::vector<T>& from,
                 std::span<const std::size_t> numbers) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = from[numbers[i]];
}
void select_part(auto& to, const auto& from, std::span<const std::size_t> numbers) {
  for (Eigen::Index i = 0; i < to.rows(); ++i) {
    to.row(i) = from.row(as_index(numbers[as_size(i)]));
  }
}

/// Where rows are not side by side any more, each must say where it is in the data.
void name_places(const Rows& from, std::span<const std::size_t> numbers, Rows& to) {
  to.in_data.resize(numbers.size());
  std::ranges::transform(numbers, to.in_data.begin(),
                         [&](std::size_t i) { return from.place_in_data(i); });
}

}  // namespace

std::vector<std::vector<std::int32_t>*> Rows::levels() {
  std::vector<std::vector<std::int32_t>*> all;
  for (auto& of_grouping : level) all.push_back(&of_grouping);
  for (PredictorRows& predictor : predictors) {
    for (auto& of_grouping : predictor.level) all.push_back(&of_grouping);
  }
  return all;
}

std::vector<const std::vector<std::int32_t>*> Rows::levels() const {
  std::vector<const std::vector<std::int32_t>*> all;
  for (const auto& of_grouping : level) all.push_back(&of_grouping);
  for (const PredictorRows& predictor : predictors) {
    for (const auto& of_grouping : predictor.level) all.push_back(&of_grouping);
  }
  return all;
}

void Rows::resize(const Rows& like, std::size_t count) {
  Z.resize(like.Z.size());
  level.resize(like.level.size());
  predictors.resize(like.predictors.size());
  for (std::size_t k = 0; k < predictors.size(); ++k) {
    predictors[k].Z.resize(like.predictors[k].Z.size());
    predictors[k].level.resize(like.predictors[k].level.size());
  }
  for_each_part(*this, like,
                [&](auto& part, const auto& other) { resize_part(part, other, count); });
}

void Rows::put(std::size_t at, const Rows& from) {
  for_each_part(*this, from, [&](auto& to, const auto& part) { copy_part(to, at, part); });
}

void Rows::append(const Rows& from) {
  if (count() == 0) {
    *this = from;
    return;
  }
  const std::size_t at = count();
  Rows all;
  all.first = first;
  all.resize(*this, at + from.count());
  all.put(0, *this);
  all.put(at, from);
  all.in_data.resize(at + from.count());
  for (std::size_t i = 0; i < all.in_data.size(); ++i) {
    all.in_data[i] = i < at ? place_in_data(i) : from.place_in_data(i - at);
  }
  *this = std::move(all);
}

Rows Rows::select(std::span<const std::size_t> numbers) const {
  Rows some;
  some.resize(*this, numbers.size());
  for_each_part(some, *this, [&](auto& to, const auto& from) { select_part(to, from, numbers); });
  name_places(*this, numbers, some);
  return some;
}

Rows Rows::middle(std::size_t from, std::size_t length) const {
  Rows some;
  some.first = first + from;
  some.resize(*this, length);
  std::vector<std::size_t> numbers(length);
  for (std::size_t i = 0; i < length; ++i) numbers[i] = from + i;
  for_each_part(some, *this, [&](auto& to, const auto& part) { select_part(to, part, numbers); });
  return some;
}

void for_each_block(const RowSource& source, std::size_t at_once,
                    const std::function<void(Rows& block)>& visit) {
  for_each_block(source, 0, source.count(), at_once, visit);
}

void for_each_block(const RowSource& source, std::size_t first, std::size_t last,
                    std::size_t at_once, const std::function<void(Rows& block)>& visit) {
  Rows block;
  for (std::size_t at = first; at < last; at += at_once) {
    source.read(at, std::min(at_once, last - at), block);
    block.first = at;
    visit(block);
  }
}

Rows gathered(const RowSource& source, std::span<const std::size_t> numbers) {
  Rows piece;
  Rows all;
  for (std::size_t done = 0, length = 0; done < numbers.size(); done += length) {
    length = 1;
    while (done + length < numbers.size() && numbers[done + length] == numbers[done] + length) {
      ++length;
    }
    source.read(numbers[done], length, piece);
    if (piece.in_data.empty()) {
      piece.in_data.resize(length);
      for (std::size_t i = 0; i < length; ++i) piece.in_data[i] = numbers[done] + i;
    }
    if (done == 0) {
      const double cells =
          static_cast<double>(numbers.size()) * static_cast<double>(piece.X.cols());
      require_memory(
          sizeof(double) * cells,
          fmt::format("the design of {} rows and {} columns", numbers.size(), piece.X.cols()),
          "fit fewer rows or terms");
      all.resize(piece, numbers.size());
    }
    all.put(done, piece);
  }
  return all;
}

}  // namespace tarn
