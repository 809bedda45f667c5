// Fits again without some rows: levels left empty are taken away, then put back into the draws.
#include "tarn/refit.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/guard.hpp"
#include "run/draws_view.hpp"
#include "tarn/factor.hpp"
#include "tarn/text.hpp"

namespace tarn {
namespace {

class DrawsInMemory final : public Draws, public DrawSink {
 public:
  DrawsInMemory(Layout layout, const RunPlan& plan)
      : layout_(std::move(layout)),
        chains_(plan.chains, Matrix(as_index(layout_.size()), as_index(plan.draws))),
        view_(layout_, shown(chains_)) {}

  std::size_t chains() const noexcept override { return view_.chains(); }
  std::size_t draws() const noexcept override { return view_.draws(); }
  const Layout& layout() const noexcept override { return layout_; }

  void read(std::size_t block, std::size_t first, MatrixRef into) const override {
    view_.read(block, first, into);
  }
  void read_draws(std::size_t chain, std::size_t first, MatrixRef into) const override {
    view_.read_draws(chain, first, into);
  }

  void write(const DrawBatch& batch) override {
    chains_[batch.chain].middleCols(as_index(batch.first), batch.theta.cols()) = batch.theta;
  }

  Matrix& chain(std::size_t number) { return chains_[number]; }

 private:
  static std::vector<DrawsView::Chain> shown(const std::vector<Matrix>& chains) {
    std::vector<DrawsView::Chain> all;
    for (const Matrix& chain : chains) all.emplace_back(chain.data(), chain.rows(), chain.cols());
    return all;
  }

  Layout layout_;
  std::vector<Matrix> chains_;  // a column is a draw
  DrawsView view_;
};

/// The levels of each grouping that have rows, and the new numbers of all; -1: none.
struct Levels {
  std::vector<std::vector<std::int32_t>> renumbered;
  std::vector<std::vector<std::size_t>> empty;

  Levels(const Design& design, const Rows& rows) {
    for (std::size_t g = 0; g < design.groupings.size(); ++g) {
      std::vector<std::int32_t>& numbers =
          renumbered.emplace_back(design.groupings[g].levels.size(), -1);
      for (const std::int32_t level : rows.level[g]) numbers[as_size(level)] = 0;
      std::vector<std::size_t>& none = empty.emplace_back();
      std::int32_t next = 0;
      for (std::size_t j = 0; j < numbers.size(); ++j) {
        if (numbers[j] < 0)
          none.push_back(j);
        else
          numbers[j] = next++;
      }
    }
  }

  bool any_empty() const {
    return std::ranges::any_of(empty, [](const auto& levels) { return !levels.empty(); });
  }
};

class RenumberedRows final : public RowSource {
 public:
  RenumberedRows(std::shared_ptr<const RowSource> rows, Levels levels)
      : rows_(std::move(rows)), levels_(std::move(levels)) {}

  std::size_t count() const noexcept override { return rows_->count(); }
  void read(std::size_t first, std::size_t count, Rows& into) const override {
    rows_->read(first, count, into);
    for (std::size_t g = 0; g < into.level.size(); ++g) {
      for (std::int32_t& level : into.level[g]) {
        level = levels_.renumbered[g][as_size(level)];
      }
    }
  }

 private:
  std::shared_ptr<const RowSource> rows_;
  Levels levels_;
};

Design without_empty(const Design& design, const Levels& levels) {
  Design result = design.with_rows(std::make_shared<const RenumberedRows>(design.rows, levels));
  for (std::size_t g = 0; g < result.groupings.size(); ++g) {
    std::vector<std::string> left;
    for (std::size_t j = 0; j < levels.renumbered[g].size(); ++j) {
      if (levels.renumbered[g][j] >= 0) left.push_back(design.groupings[g].levels[j]);
    }
    result.groupings[g].levels = std::move(left);
  }
  return result;
}

/// Flat priors leave to the rows what they no longer say.
void check_determined(const Refitted& fit, const Design& design) {
  if (fit.input.priors.proper()) return;
  if (const auto reason = guarded("model", fit.model.name, "refuses()",
                                  [&] { return fit.model.refuses(design); })) {
    throw InputError("the rows left cannot be fitted: " + *reason);
  }
  constexpr double dependent = 1e-10;
  if (design.rows->count() < design.size() ||
      reciprocal_condition(design.moments().factor) < dependent) {
    throw InputError(
        "the rows left do not determine all coefficients, whose priors are flat; give them proper "
        "ones");
  }
}

/// Where each element of a whole draw lies in a draw without the empty levels; -1: not there.
std::vector<Eigen::Index> places(const Layout& whole, const Layout& part, const std::string& name) {
  std::vector<Eigen::Index> result;
  for (std::size_t b = 0; b < whole.blocks(); ++b) {
    const Block& block = whole.block(b);
    const auto found = part.find(block.name);
    if (!found || part.block(*found).axes.size() != block.axes.size()) {
      throw PluginError(fmt::format("model '{}' has no '{}' over fewer levels", name, block.name));
    }
    std::vector<Eigen::Index> here{as_index(part.offset(*found))};
    // From the first axis to the last, which varies fastest.
    std::size_t stride = part.block(*found).size();
    for (std::size_t a = 0; a < block.axes.size(); ++a) {
      const std::vector<std::string>& left = part.block(*found).axes[a].labels;
      stride /= left.size();
      std::vector<Eigen::Index> next;
      std::vector<Eigen::Index> steps;
      std::size_t at = 0;  // the labels that are left keep their order
      for (const std::string& label : block.axes[a].labels) {
        const bool is_left = at < left.size() && left[at] == label;
        steps.push_back(is_left ? as_index(at++ * stride) : -1);
      }
      for (const Eigen::Index from : here) {
        for (const Eigen::Index step : steps) {
          next.push_back(from < 0 || step < 0 ? -1 : from + step);
        }
      }
      here = std::move(next);
    }
    result.insert(result.end(), here.begin(), here.end());
  }
  return result;
}

/// The draws with the empty levels put back, their effects drawn from the population.
std::unique_ptr<Draws> completed(const Refitted& fit, const Levels& levels, DrawsInMemory& part,
                                 std::uint64_t seed) {
  const auto model = guarded("model", fit.model.name, "its constructor",
                             [&] { return fit.model.make(fit.input); });
  NewGroups* const groups = query<NewGroups>(*model);
  const RunPlan plan{.chains = part.chains(), .draws = part.draws()};
  auto whole = std::make_unique<DrawsInMemory>(model->layout(), plan);
  const std::vector<Eigen::Index> from = places(whole->layout(), part.layout(), fit.model.name);
  Vector theta(as_index(whole->layout().size()));
  for (std::size_t chain = 0; chain < part.chains(); ++chain) {
    for (std::size_t s = 0; s < part.draws(); ++s) {
      const auto column = as_index(s);
      for (Eigen::Index k = 0; k < theta.size(); ++k) {
        const Eigen::Index place = from[as_size(k)];
        theta[k] = place < 0 ? 0 : part.chain(chain)(place, column);
      }
      Rng rng({seed, static_cast<std::uint32_t>(chain), Purpose::predict, s});
      for (std::size_t g = 0; g < levels.empty.size(); ++g) {
        for (const std::size_t level : levels.empty[g]) {
          guarded("model", fit.model.name, "draw_group()",
                  [&] { groups->draw_group(g, level, theta, rng); });
        }
      }
      whole->chain(chain).col(column) = theta;
    }
  }
  return whole;
}

}  // namespace

std::unique_ptr<Draws> refit(const Refitted& fit, const std::vector<std::size_t>& left_out,
                             std::uint32_t number) {
  const Design& all = fit.input.design;
  std::vector<std::size_t> kept;
  auto out = left_out.begin();
  for (std::size_t i = 0; i < all.rows->count(); ++i) {
    if (out != left_out.end() && *out == i)
      ++out;
    else
      kept.push_back(i);
  }
  if (kept.empty()) throw InputError("no rows are left");
  const Design fewer = all.with_only(std::move(kept));
  const Levels levels(fewer, fewer.all_rows());
  const bool restores = levels.any_empty();
  const auto& offers = fit.model.offers;
  if (restores && std::ranges::find(offers, NewGroups::id) == offers.end()) {
    throw PluginError(fmt::format("model '{}' does not offer {}", fit.model.name, NewGroups::id));
  }
  const Design design = restores ? without_empty(fewer, levels) : fewer;
  check_determined(fit, design);

  RunPlan plan = fit.plan;
  plan.seed = Rng({fit.plan.seed, number, Purpose::refit}).bits();
  plan.max_time = {};
  Run run(fit.model, {design, fit.input.priors, fit.input.settings}, fit.sampler,
          fit.sampler_settings, plan);
  auto draws = std::make_unique<DrawsInMemory>(run.layout(), plan);
  const RunOutcome outcome = run.go(*draws, {}, {});
  if (!outcome.failures.empty()) throw SamplingError(outcome.failures.front());
  if (!restores) return draws;
  return completed(fit, levels, *draws, plan.seed);
}

}  // namespace tarn
