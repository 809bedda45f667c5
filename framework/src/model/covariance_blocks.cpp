// Where a covariance is in a draw: as the priors have it, and as users see it.
#include <algorithm>
#include <cmath>

#include "tarn/covariance.hpp"

namespace tarn {

bool GroupCovariance::moves(Eigen::Index column) const {
  return std::ranges::any_of(
      centering_, [column](const Centering& centering) { return centering.constant[column] != 0; });
}

void GroupCovariance::to_working(MatrixRef r) const {
  for (const Centering& centering : centering_) centering.to_working(r);
}

void GroupCovariance::to_user(MatrixRef r) const {
  for (const Centering& centering : centering_) centering.to_user(r);
}

void GroupCovariance::gradient_to_user(MatrixRef gradient) const {
  for (const Centering& centering : centering_) centering.gradient_to_user(gradient);
}

namespace {

/// L L' as standard deviations and correlations, in the rows that have moved.
void split_moved(const Matrix& L, const std::vector<bool>& moved, Covariance& sigma) {
  const Eigen::Index q = L.rows();
  const auto has_moved = [&moved](Eigen::Index k) { return moved[static_cast<std::size_t>(k)]; };
  for (Eigen::Index i = 0; i < q; ++i) {
    if (has_moved(i)) sigma.sd[i] = L.row(i).stableNorm();
  }
  for (Eigen::Index i = 0; i < q; ++i) {
    for (Eigen::Index j = 0; j < i; ++j) {
      if (!has_moved(i) && !has_moved(j)) continue;
      const double size = L.row(i).stableNorm() * L.row(j).stableNorm();
      const double both = L.row(i).dot(L.row(j));
      sigma.correlation(i, j) = sigma.correlation(j, i) =
          size > 0 ? std::clamp(both / size, -1.0, 1.0) : 0;
    }
  }
}

}  // namespace

Covariance GroupCovariance::to_user(const Covariance& sigma) const {
  if (!centred()) return sigma;
  std::vector<bool> moved;
  for (Eigen::Index k = 0; k < size_; ++k) moved.push_back(moves(k));
  Matrix L = sigma.factor();
  to_user(L);
  Covariance user = sigma;
  split_moved(L, moved, user);
  return user;
}

Covariance GroupCovariance::to_working(const Covariance& user) const {
  if (!centred()) return user;
  std::vector<bool> moved;
  for (Eigen::Index k = 0; k < size_; ++k) moved.push_back(moves(k));
  Matrix L = user.factor();
  to_working(L);
  Covariance sigma = user;
  split_moved(L, moved, sigma);
  return sigma;
}

std::vector<std::size_t> GroupCovariance::Place::blocks() const {
  std::vector<std::size_t> all = correlations;
  all.push_back(sd);
  if (user_sd) all.push_back(*user_sd);
  for (const std::size_t block : user_correlations) {
    if (std::ranges::find(all, block) == all.end()) all.push_back(block);
  }
  return all;
}

GroupCovariance::Place GroupCovariance::add_to(Layout& layout, bool with_user) const {
  Place place;
  const std::string sds = "standard deviations of the group effects";
  const std::string correlations = "correlations of the group effects";
  const std::string at_means = " at the covariates' means";
  const Block sd{"sd_" + name_, {{name_ + "_term", columns_}}, Support::positive, sds};
  const auto user_block = [&layout](Block block) {
    block.derived = true;
    return layout.add(std::move(block));
  };
  const auto working_block = [&layout, &at_means](Block block) {
    block.name = "centered_" + block.name;
    block.describes += at_means;
    block.internal = true;
    return layout.add(std::move(block));
  };
  const auto terms = correlated();
  std::vector<Block> matrices;
  std::vector<bool> moved;
  for (std::size_t t = 0; t < terms.size(); ++t) {
    const Term& term = *terms[t];
    const auto first = columns_.begin() + term.first;
    const std::vector<std::string> labels(first, first + term.size);
    const std::string number = t == 0 ? "" : "_" + std::to_string(t + 1);
    const std::string axis = term.size == size_ ? name_ + "_term" : name_ + "_cor_term" + number;
    matrices.push_back({"cor_" + name_ + number,
                        {{axis, labels}, {axis + "_2", labels}},
                        Support::correlation,
                        correlations});
    bool any = false;
    for (Eigen::Index k = 0; k < term.size; ++k) any = any || moves(term.first + k);
    moved.push_back(any);
  }
  if (!centred()) {
    place.sd = layout.add(sd);
    for (Block& block : matrices) place.correlations.push_back(layout.add(std::move(block)));
    return place;
  }
  if (with_user) {
    place.user_sd = user_block(sd);
    for (std::size_t t = 0; t < terms.size(); ++t) {
      place.user_correlations.push_back(moved[t] ? user_block(matrices[t])
                                                 : layout.add(matrices[t]));
    }
  }
  place.sd = working_block(sd);
  for (std::size_t t = 0; t < terms.size(); ++t) {
    const bool shared = with_user && !moved[t];
    place.correlations.push_back(shared     ? place.user_correlations[t]
                                 : moved[t] ? working_block(matrices[t])
                                            : layout.add(matrices[t]));
  }
  return place;
}

GroupCovariance::Place GroupCovariance::add_to(Layout& layout) const {
  return add_to(layout, true);
}

GroupCovariance::Place GroupCovariance::add_working_to(Layout& layout) const {
  return add_to(layout, false);
}

std::optional<GroupCovariance::Place> GroupCovariance::find_in(const Layout& layout) const {
  Layout own;
  Place place = add_to(own);
  bool all = true;
  const auto find = [&](std::size_t& block) {
    const auto found = layout.find(own.block(block).name);
    all = all && found && layout.block(*found).size() == own.block(block).size();
    if (found) block = *found;
  };
  find(place.sd);
  for (std::size_t& block : place.correlations) find(block);
  if (place.user_sd) find(*place.user_sd);
  for (std::size_t& block : place.user_correlations) find(block);
  if (!all) return std::nullopt;
  return place;
}

Block GroupCovariance::effects_block(const Grouping& grouping) const {
  return {.name = "r_" + name_,
          .axes = {{name_, grouping.levels}, {name_ + "_term", columns_}},
          .describes = "deviation of each group from the population",
          .scaled_by = (centred() ? "centered_sd_" : "sd_") + name_,
          .centering = centering_};
}

void GroupCovariance::read_at(const Layout& layout, std::size_t sd,
                              const std::vector<std::size_t>& correlations, ConstVectorRef theta,
                              Covariance& into) const {
  into.sd = layout.of(theta, sd);
  into.correlation.setIdentity(size_, size_);
  if (correlations.empty()) return;
  const auto terms = correlated();
  for (std::size_t t = 0; t < terms.size(); ++t) {
    const Eigen::Index q = terms[t]->size;
    into.correlation.block(terms[t]->first, terms[t]->first, q, q) =
        layout.of(theta, correlations[t]).reshaped(q, q);
  }
}

void GroupCovariance::write_at(const Covariance& sigma, const Layout& layout, std::size_t sd,
                               const std::vector<std::size_t>& correlations,
                               VectorRef theta) const {
  layout.of(theta, sd) = sigma.sd;
  if (correlations.empty()) return;
  const auto terms = correlated();
  for (std::size_t t = 0; t < terms.size(); ++t) {
    const Eigen::Index q = terms[t]->size;
    layout.of(theta, correlations[t]).reshaped(q, q) =
        sigma.correlation.block(terms[t]->first, terms[t]->first, q, q);
  }
}

Covariance GroupCovariance::read(const Layout& layout, const Place& place,
                                 ConstVectorRef theta) const {
  Covariance sigma;
  read(layout, place, theta, sigma);
  return sigma;
}

void GroupCovariance::read(const Layout& layout, const Place& place, ConstVectorRef theta,
                           Covariance& sigma) const {
  read_at(layout, place.sd, place.correlations, theta, sigma);
}

Covariance GroupCovariance::read_user(const Layout& layout, const Place& place,
                                      ConstVectorRef theta) const {
  if (!place.user_sd) return read(layout, place, theta);
  Covariance user;
  read_at(layout, *place.user_sd, place.user_correlations, theta, user);
  return user;
}

void GroupCovariance::write(const Covariance& sigma, const Layout& layout, const Place& place,
                            VectorRef theta) const {
  if (place.user_sd) {
    write_at(to_user(sigma), layout, *place.user_sd, place.user_correlations, theta);
  }
  write_at(sigma, layout, place.sd, place.correlations, theta);
}

void GroupCovariance::write_gradient(const Covariance& slope, const Layout& layout,
                                     const Place& place, VectorRef gradient) const {
  if (place.user_sd) {
    layout.of(gradient, *place.user_sd).setZero();
    for (const std::size_t block : place.user_correlations) layout.of(gradient, block).setZero();
  }
  write_at(slope, layout, place.sd, place.correlations, gradient);
}

}  // namespace tarn
