// Ranks are computed within draws: that of a mean says nothing of how sure it is.
#include "answers/group_ranks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "report/numbers.hpp"
#include "tarn/error.hpp"
#include "tarn/statistics/quantile.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t most_rank_bytes = std::size_t{256} << 20;
constexpr std::size_t most_column_bytes = std::size_t{64} << 20;

std::vector<std::size_t> effect_blocks(const Layout& layout) {
  std::vector<std::size_t> blocks;
  for (std::size_t b = 0; b < layout.blocks(); ++b) {
    const Block& block = layout.block(b);
    if (block.stored && block.name.starts_with("r_") && block.axes.size() == 2) blocks.push_back(b);
  }
  return blocks;
}

std::size_t block_of(const Layout& layout, const std::string& grouping) {
  const std::vector<std::size_t> blocks = effect_blocks(layout);
  if (blocks.empty()) {
    throw InputError("this fit has no group effects; groups are those of a term such as (1 | g)");
  }
  std::vector<std::string> names;
  for (const std::size_t b : blocks) {
    const std::string name = layout.block(b).name.substr(2);
    if (name == grouping || layout.block(b).axes.front().name == grouping) return b;
    names.push_back(name);
  }
  // As the formula has it: g1:g2 is g1_g2.
  std::string variable = grouping;
  std::ranges::replace(variable, ':', '_');
  const auto found = std::ranges::find(names, variable);
  if (found != names.end()) return blocks[as_size(found - names.begin())];
  if (grouping.empty()) {
    if (blocks.size() == 1) return blocks.front();
    throw UsageError(fmt::format("which groups? there are {}; write tarn groups FILE {}",
                                 list_of(names), names.front()));
  }
  throw UsageError(fmt::format("no effects of a grouping '{}' in this file; {}its groupings are {}",
                               shown(grouping), did_you_mean(grouping, names), list_of(names)));
}

/// The column of N draws for levels [first, first + count).
Matrix values_of(const Draws& draws, const GroupColumn& column, std::size_t first,
                 std::size_t count) {
  const auto n = as_index(draws.chains() * draws.draws());
  const std::size_t width = draws.layout().block(column.block).axes.back().labels.size();
  Matrix all(n, as_index(count * width));
  draws.read(column.block, first * width, all);
  Matrix values(n, as_index(count));
  for (std::size_t j = 0; j < count; ++j) {
    values.col(as_index(j)) = all.col(as_index(j * width + column.column));
  }
  if (column.coefficient >= 0) {
    Matrix mean(n, 1);
    draws.read(column.means, static_cast<std::size_t>(column.coefficient), mean);
    values.colwise() += mean.col(0);
  }
  return values;
}

std::vector<Estimate> level_estimates(const Registry& registry, const Draws& draws,
                                      const GroupColumn& column, const Interval& interval) {
  const std::size_t n = draws.chains() * draws.draws();
  const std::size_t width = draws.layout().block(column.block).axes.back().labels.size();
  const std::size_t at_once =
      std::max<std::size_t>(1, most_column_bytes / (sizeof(double) * n * width));
  std::vector<Estimate> all;
  for (std::size_t first = 0; first < column.levels.size(); first += at_once) {
    const std::size_t count = std::min(at_once, column.levels.size() - first);
    const auto some =
        estimates(registry, values_of(draws, column, first, count), draws.chains(), interval);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

/// A column for each level: its ranks, from 1, in every `stride`-th draw.
Eigen::Matrix<std::uint32_t, Eigen::Dynamic, Eigen::Dynamic> ranks_of(const Draws& draws,
                                                                      const GroupColumn& column,
                                                                      bool lowest_first,
                                                                      std::size_t stride) {
  const std::size_t n = draws.chains() * draws.draws();
  const std::size_t groups = column.levels.size();
  const std::size_t width = draws.layout().block(column.block).axes.back().labels.size();
  const auto at = as_index(draws.layout().offset(column.block) + column.column);
  Eigen::Matrix<std::uint32_t, Eigen::Dynamic, Eigen::Dynamic> ranks(
      as_index((n + stride - 1) / stride), as_index(groups));
  std::vector<std::uint32_t> order(groups);
  // The population's coefficient is the same for all groups.
  for_each_draw(draws, 1, [&](std::size_t number, ConstVectorRef theta, std::size_t) {
    if (number % stride != 0) return;
    const auto value = [&](std::uint32_t j) { return theta[at + as_index(j * width)]; };
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
      return lowest_first ? value(a) < value(b) : value(a) > value(b);
    });
    for (std::size_t place = 0; place < groups; ++place) {
      ranks(as_index(number / stride), as_index(order[place])) =
          static_cast<std::uint32_t>(place + 1);
    }
  });
  return ranks;
}

std::string trimmed(const std::string& text) {
  const std::size_t from = text.find_first_not_of(' ');
  return from == std::string::npos ? "" : text.substr(from, text.find_last_not_of(' ') - from + 1);
}

std::optional<std::size_t> level_of(const GroupColumn& column, const std::string& level) {
  const auto found = std::ranges::find(column.levels, level);
  if (found == column.levels.end()) return std::nullopt;
  return as_size(found - column.levels.begin());
}

/// At the sign whose sides are both levels; labels may hold signs, too.
std::pair<std::size_t, std::size_t> sides_of(const std::string& text, const GroupColumn& column) {
  std::string wrong;
  for (std::size_t at = text.find('>'); at != std::string::npos; at = text.find('>', at + 1)) {
    const std::string left = trimmed(text.substr(0, at)), right = trimmed(text.substr(at + 1));
    const auto before = level_of(column, left), after = level_of(column, right);
    if (before && after && *before != *after) return {*before, *after};
    if (before && after) {
      throw UsageError(fmt::format("--pair '{}': this compares a level with itself", shown(text)));
    }
    if (wrong.empty()) wrong = before ? right : left;
  }
  if (wrong.empty()) {
    throw UsageError(
        fmt::format("--pair '{}': write two levels with > between them, such as "
                    "'{} > {}'",
                    shown(text), shown(column.levels.front()), shown(column.levels.back())));
  }
  throw UsageError(fmt::format("--pair '{}': '{}' is no level of {}; {}its levels are {}",
                               shown(text), shown(wrong), column.grouping,
                               did_you_mean(wrong, column.levels), list_of(column.levels)));
}

}  // namespace

GroupColumn find_group_column(const Layout& layout, const std::string& grouping,
                              const std::string& term) {
  GroupColumn column;
  column.block = block_of(layout, grouping);
  const Block& block = layout.block(column.block);
  column.grouping = block.name.substr(2);
  column.levels = block.axes.front().labels;
  const std::vector<std::string>& terms = block.axes.back().labels;
  const auto wanted = std::ranges::find(terms, term.empty() ? "Intercept" : term);
  if (wanted == terms.end() && !term.empty()) {
    throw UsageError(fmt::format("--term {}: no such effects of {}; {}there are {}", shown(term),
                                 column.grouping, did_you_mean(term, terms), list_of(terms)));
  }
  column.column = wanted == terms.end() ? 0 : as_size(wanted - terms.begin());
  column.term = terms[column.column];
  if (const auto b = layout.find("b"); b && layout.block(*b).axes.size() == 1) {
    const std::vector<std::string>& coefficients = layout.block(*b).axes.front().labels;
    const auto same = std::ranges::find(coefficients, column.term);
    column.means = *b;
    if (same != coefficients.end()) column.coefficient = same - coefficients.begin();
  }
  return column;
}

std::string what_it_is(const GroupColumn& column) {
  return column.coefficient >= 0
             ? fmt::format("b[{0}] + r_{1}[...,{0}]", column.term, column.grouping)
             : fmt::format("r_{1}[...,{0}], for b has no {0}", column.term, column.grouping);
}

GroupRanking rank_groups(const Registry& registry, const Draws& draws, const GroupColumn& column,
                         const RankPlan& plan) {
  std::vector<std::pair<std::size_t, std::size_t>> sides;
  for (const std::string& pair : plan.pairs) sides.push_back(sides_of(pair, column));

  GroupRanking result;
  const std::size_t n = draws.chains() * draws.draws();
  const std::size_t bytes = n * column.levels.size() * sizeof(std::uint32_t);
  const std::size_t stride = (bytes + most_rank_bytes - 1) / most_rank_bytes;
  const auto ranks = ranks_of(draws, column, plan.lowest_first, stride);
  result.rank_draws = as_size(ranks.rows());
  const std::vector<Estimate> values = level_estimates(registry, draws, column, plan.interval);
  std::vector<double> of_level(as_size(ranks.rows()));
  for (std::size_t j = 0; j < column.levels.size(); ++j) {
    std::ranges::copy(ranks.col(as_index(j)), of_level.begin());
    const double count = static_cast<double>(of_level.size());
    const double mean = std::accumulate(of_level.begin(), of_level.end(), 0.0) / count;
    const double first = static_cast<double>(plan.first);
    const auto among = std::ranges::count_if(of_level, [&](double rank) { return rank <= first; });
    result.groups.push_back({column.levels[j], values[j], mean,
                             statistics::select_quantile(of_level, plan.interval.lower()),
                             statistics::select_quantile(of_level, plan.interval.upper()),
                             static_cast<double>(among) / count});
  }
  std::ranges::stable_sort(result.groups, {}, &RankedGroup::rank);

  Matrix differences(as_index(n), as_index(2 * sides.size()));
  for (std::size_t k = 0; k < sides.size(); ++k) {
    const auto at = as_index(2 * k);
    differences.col(at) =
        values_of(draws, column, sides[k].first, 1) - values_of(draws, column, sides[k].second, 1);
    differences.col(at + 1) = (differences.col(at).array() > 0).cast<double>();
  }
  const std::vector<Estimate> figures =
      estimates(registry, std::move(differences), draws.chains(), plan.interval);
  for (std::size_t k = 0; k < sides.size(); ++k) {
    const Estimate& truth = figures[2 * k + 1];
    result.pairs.push_back({sides[k].first, sides[k].second, figures[2 * k], truth.mean,
                            truth.sd > 0 ? truth.mcse : std::nan("")});
  }
  return result;
}

std::string as_text(const GroupRanking& ranking, const GroupColumn& column, const RankPlan& plan,
                    std::size_t most_rows) {
  using Align = TextTable::Align;
  TextTable table(
      {{column.grouping, Align::left},
       {"mean", Align::point},
       {"sd", Align::point},
       {plan.interval.lower_name(), Align::point},
       {plan.interval.upper_name(), Align::point},
       {"rank", Align::point},
       {plan.interval.lower_name(), Align::right},
       {plan.interval.upper_name(), Align::right},
       {plan.first == 1 ? "P(first)" : fmt::format("P(first {})", plan.first), Align::point}});
  for (std::size_t j = 0; j < std::min(most_rows, ranking.groups.size()); ++j) {
    const RankedGroup& group = ranking.groups[j];
    const int decimals = supported_decimals(group.value.mcse);
    table.add({group.level, number_text(group.value.mean, decimals),
               number_text(group.value.sd, decimals), number_text(group.value.lower, decimals),
               number_text(group.value.upper, decimals), fmt::format("{:.1f}", group.rank),
               fmt::format("{:.0f}", group.rank_lower), fmt::format("{:.0f}", group.rank_upper),
               fmt::format("{:.2f}", group.among_first)});
  }
  std::string text = fmt::format("{} of {}, {} first\n\n{}", what_it_is(column),
                                 count_of(column.levels.size(), "level"),
                                 plan.lowest_first ? "lowest" : "highest", table.text());
  if (most_rows < ranking.groups.size()) {
    text += fmt::format("({} more: --all or --json has them)\n",
                        count_of(ranking.groups.size() - most_rows, "level"));
  }
  if (ranking.pairs.empty()) return text;
  TextTable pairs({{"pair", Align::left},
                   {"difference", Align::point},
                   {"sd", Align::point},
                   {plan.interval.lower_name(), Align::point},
                   {plan.interval.upper_name(), Align::point},
                   {"P(>)", Align::point},
                   {"mcse", Align::point}});
  for (const GroupPair& pair : ranking.pairs) {
    const int decimals = supported_decimals(pair.difference.mcse);
    pairs.add(
        {fmt::format("{} > {}", column.levels[pair.before], column.levels[pair.after]),
         number_text(pair.difference.mean, decimals), number_text(pair.difference.sd, decimals),
         number_text(pair.difference.lower, decimals), number_text(pair.difference.upper, decimals),
         probability_text(pair.probability, pair.mcse),
         std::isnan(pair.mcse) ? "-" : fmt::format("{:.1g}", pair.mcse)});
  }
  return text + "\n" + pairs.text();
}

nlohmann::ordered_json as_json(const GroupRanking& ranking, const GroupColumn& column,
                               const RankPlan& plan) {
  nlohmann::ordered_json groups = nlohmann::ordered_json::array();
  for (const RankedGroup& group : ranking.groups) {
    nlohmann::ordered_json entry{{"level", group.level}};
    entry.update(to_json(group.value, plan.interval));
    entry["rank"] = {{"mean", group.rank},
                     {plan.interval.lower_name(), group.rank_lower},
                     {plan.interval.upper_name(), group.rank_upper}};
    entry["among_first"] = group.among_first;
    groups.push_back(std::move(entry));
  }
  nlohmann::ordered_json pairs = nlohmann::ordered_json::array();
  for (const GroupPair& pair : ranking.pairs) {
    nlohmann::ordered_json entry{{"greater", column.levels[pair.before]},
                                 {"than", column.levels[pair.after]},
                                 {"probability", pair.probability},
                                 {"probability_mcse", pair.mcse}};
    entry.update(to_json(pair.difference, plan.interval));
    pairs.push_back(std::move(entry));
  }
  return {{"grouping", column.grouping},
          {"term", column.term},
          {"with_coefficient", column.coefficient >= 0},
          {"first", plan.first},
          {"lowest_first", plan.lowest_first},
          {"rank_draws", ranking.rank_draws},
          {"groups", std::move(groups)},
          {"pairs", std::move(pairs)}};
}

}  // namespace tarn::launcher
