// Rows of a block are evaluated together where the same groupings are new to them.
#include "answers/expected.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "answers/linear_draws.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t most_expected_bytes = std::size_t{64} << 20;
constexpr std::size_t most_expected_rows = 4096;

/// Groupings whose level in this row the fit has not seen.
std::vector<std::size_t> new_groupings(const Rows& rows, std::size_t row, const NewRows& fresh) {
  std::vector<std::size_t> found;
  for (std::size_t g = 0; g < rows.level.size(); ++g) {
    if (as_size(rows.level[g][row]) >= fresh.known[g]) found.push_back(g);
  }
  return found;
}

}  // namespace

void expect_over_new_groups(const FittedModel& model, const Draws& posterior, const NewRows& rows,
                            std::size_t threads, const PredictionBlock& visit) {
  const std::size_t total = posterior.chains() * posterior.draws();
  const std::size_t block = std::clamp<std::size_t>(most_expected_bytes / (sizeof(double) * total),
                                                    1, most_expected_rows);
  std::map<std::vector<std::size_t>, std::unique_ptr<LinearDraws>> by_pattern;
  for_each_block(*rows.rows, block, [&](Rows& here) {
    std::map<std::vector<std::size_t>, std::vector<std::size_t>> members;
    for (std::size_t i = 0; i < here.count(); ++i) {
      members[new_groupings(here, i, rows)].push_back(i);
    }
    Matrix draws(as_index(total), here.y.size());
    for (const auto& [pattern, numbers] : members) {
      std::unique_ptr<LinearDraws>& linear = by_pattern[pattern];
      if (!linear) {
        LinearPlan plan;
        plan.left_out = pattern;
        plan.new_groups = true;
        plan.threads = threads;
        plan.most_draws = total;
        linear = std::make_unique<LinearDraws>(model, posterior, plan);
      }
      const Matrix values = linear->evaluate(here.select(numbers));
      for (std::size_t k = 0; k < numbers.size(); ++k) {
        draws.col(as_index(numbers[k])) = values.col(as_index(k));
      }
    }
    visit(here.first, here, draws);
  });
}

}  // namespace tarn::launcher
