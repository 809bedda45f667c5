// When are there draws enough?
#include "drawing/effective_target.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "base/guard.hpp"
#include "fits/judgement.hpp"
#include "run/draws_view.hpp"
#include "tarn/diagnostic.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t first_asked = 100;

}  // namespace

EffectiveTarget::EffectiveTarget(const Registry& registry, const Layout& layout,
                                 const RunPlan& plan, std::size_t effective)
    : registry_(registry),
      effective_(effective),
      most_(plan.draws),
      chains_(plan.chains),
      next_(std::min(first_asked, most_)) {
  const std::vector<bool> judged = judged_blocks(layout);
  for (std::size_t b = 0; b < layout.blocks(); ++b) {
    if (!judged[b] || !layout.block(b).stored) continue;
    layout_.add(layout.block(b));
    for (std::size_t e = 0; e < layout.block(b).size(); ++e) {
      rows_.push_back(layout.offset(b) + e);
    }
  }
}

void EffectiveTarget::add(const DrawBatch& batch) {
  if (reached_ || rows_.empty()) return;
  std::vector<double>& chain = chains_.at(batch.chain);
  for (Eigen::Index draw = 0; draw < batch.theta.cols(); ++draw) {
    for (const std::size_t row : rows_) {
      chain.push_back(batch.theta(as_index(row), draw));
    }
  }
  const auto least = std::ranges::min(chains_, {}, &std::vector<double>::size).size();
  while (!reached_ && next_ <= most_ && least >= next_ * rows_.size()) {
    const double effective = least_effective();
    const auto draws = static_cast<double>(next_);
    if (effective >= static_cast<double>(effective_)) {
      reached_ = next_;
    } else if (next_ == most_) {
      ++next_;  // asked for the last time
    } else {
      // Where it may be reached, but neither by a tenth nor by more than twice the draws.
      const double wanted = 1.02 * draws * static_cast<double>(effective_) / effective;
      next_ = std::min(
          most_, static_cast<std::size_t>(std::ceil(std::clamp(wanted, 1.1 * draws, 2 * draws))));
    }
  }
}

/// Over all parameters that vary, of bulk and tail.
double EffectiveTarget::least_effective() const {
  std::vector<DrawsView::Chain> first;
  for (const std::vector<double>& chain : chains_) {
    first.emplace_back(chain.data(), as_index(layout_.size()), as_index(next_));
  }
  const DrawsView draws(layout_, std::move(first));
  const DiagnosticType& type = *registry_.diagnostic("convergence").type;
  const Settings settings(type.settings, {}, "diagnostic 'convergence'");
  Report report;
  guarded("diagnostic", type.name, "evaluate()",
          [&] { type.make(settings)->evaluate({.posterior = draws}, report); });
  double least = std::numeric_limits<double>::infinity();
  for (const ReportTable& table : report.tables()) {
    if (table.name != "parameters") continue;
    for (const std::string_view column : {"ess_bulk", "ess_tail"}) {
      const auto at = std::ranges::find(table.columns, column);
      if (at == table.columns.end()) continue;
      const auto k = as_size(at - table.columns.begin());
      for (std::size_t row = 0; row < table.rows.size(); ++row) {
        // NaN: it does not vary, and no number of draws changes that.
        if (std::isfinite(table.at(row, k))) least = std::min(least, table.at(row, k));
      }
    }
  }
  // Where nothing varies yet, nothing can be said.
  return std::isfinite(least) ? std::max(least, 1.0) : 1.0;
}

}  // namespace tarn::launcher
