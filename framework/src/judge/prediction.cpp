// Predictions by blocks of rows. A new level takes the index of one that the rows do not use.
#include "tarn/prediction.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/guard.hpp"
#include "data/passes.hpp"
#include "judge/population_mean.hpp"
#include "tarn/draws.hpp"
#include "tarn/model.hpp"
#include "tarn/plugin.hpp"

namespace tarn {
namespace {

constexpr std::size_t kept_bytes = std::size_t{512} << 20;  // of draws, in memory
constexpr std::size_t most_rows = 4096;                     // of a block

/// Marks the streams of new levels, which no chain has.
constexpr std::uint32_t new_level_mark = 0x8000'0000;

/// A level of a grouping whose place in theta is that of `slot`.
struct Borrowed {
  std::size_t grouping;
  std::size_t level;  // among all, those not seen included
  std::size_t slot;
};

/// Neighbouring rows of which no two need one place for different levels.
struct Segment {
  Eigen::Index first;
  Eigen::Index count;
  std::vector<Borrowed> borrowed;
};

class Prediction {
 public:
  Prediction(const FittedModel& model, const Draws& posterior, const PredictionPlan& plan,
             const NewRows* fresh)
      : model_(model),
        posterior_(posterior),
        plan_(plan),
        fresh_(fresh),
        runs_(posterior, kept_bytes) {
    const std::size_t threads = std::max<std::size_t>(1, plan.threads);
    for (std::size_t t = 0; t < threads; ++t) models_.push_back(model.make());
    switch (plan.scale) {
      case PredictionScale::response:
        need<Predictive>();
        break;
      case PredictionScale::mean:
        need<Expectation>();
        break;
      case PredictionScale::link:
        need<LinearPredictor>();
        break;
    }
    if (plan.no_groups && model.design.groupings_in_all() > 0) need<NewGroups>();
  }

  void visit_all(const PredictionBlock& visit) {
    const RowSource& source = fresh_ != nullptr ? *fresh_->rows : *model_.design.rows;
    const std::size_t block =
        std::clamp<std::size_t>(plan_.block_bytes / (sizeof(double) * draws()), 1, most_rows);
    Rows rows;
    Matrix result;
    for (std::size_t first = 0; first < source.count(); first += block) {
      source.read(first, std::min(block, source.count() - first), rows);
      result.resize(as_index(draws()), rows.y.size());
      if (plan_.new_levels == NewLevels::average && fresh_ != nullptr && has_new_levels(rows)) {
        fill_averages(rows, result);
        visit(first, rows, result);
        continue;
      }
      for (const Segment& segment : segments(rows)) fill(rows, segment, result);
      visit(first, rows, result);
    }
  }

 private:
  using Levels = std::vector<std::vector<std::int32_t>*>;  // of every grouping

  std::size_t draws() const { return posterior_.chains() * posterior_.draws(); }

  template <class Capability>
  void need() const {
    if (query<Capability>(*models_.front()) != nullptr) return;
    throw PluginError(fmt::format("model '{}' does not offer {}: it cannot predict this",
                                  model_.type.name, Capability::id));
  }

  std::size_t seen(std::size_t grouping) const {
    return fresh_ != nullptr ? fresh_->known[grouping]
                             : model_.design.grouping(grouping).levels.size();
  }

  void refuse(const Rows& rows, Eigen::Index row, std::size_t grouping, std::size_t level) const {
    const Grouping& factor = fresh_->groupings[grouping];
    throw InputError(fmt::format(
        "row {}: the fit has not seen the level '{}' of '{}'; --new-groups sample draws its "
        "effects "
        "from the population, --new-groups population takes none, and --new-groups average, of "
        "expected responses, averages over it",
        fresh_->row_numbers[rows.first + as_size(row)], factor.levels[level], factor.name));
  }

  /// Cuts rows where a level that was not seen finds no place that is free.
  std::vector<Segment> segments(Rows& rows) const {
    std::vector<Segment> all{{0, rows.y.size(), {}}};
    const Levels levels = rows.levels();
    if (plan_.no_groups) {
      for (std::size_t g = 0; g < levels.size(); ++g) {
        std::ranges::fill(*levels[g], 0);
        all.front().borrowed.push_back({g, 0, 0});
      }
      return all;
    }
    if (fresh_ == nullptr || !has_new_levels(rows)) return all;
    need<NewGroups>();
    all.clear();
    std::vector<std::map<std::size_t, std::size_t>> user(levels.size());  // of each slot
    all.push_back({0, 0, {}});
    for (Eigen::Index i = 0; i < rows.y.size(); ++i) {
      if (!place(levels, i, user, all.back())) {
        for (auto& slots : user) slots.clear();
        all.push_back({i, 0, {}});
        place(levels, i, user, all.back());
      }
      ++all.back().count;
    }
    return all;
  }

  bool has_new_levels(const Rows& rows) const {
    const auto levels = rows.levels();
    for (std::size_t g = 0; g < levels.size(); ++g) {
      for (std::size_t i = 0; i < levels[g]->size(); ++i) {
        const auto level = as_size((*levels[g])[i]);
        if (level < seen(g)) continue;
        if (plan_.new_levels == NewLevels::refused) {
          refuse(rows, as_index(i), g, level);
        }
        return true;
      }
    }
    return false;
  }

  /// Maps the levels of a row to slots, or leaves all as it was and says no.
  bool place(const Levels& levels, Eigen::Index row,
             std::vector<std::map<std::size_t, std::size_t>>& user, Segment& segment) const {
    const auto i = as_size(row);
    std::vector<std::size_t> slots;
    for (std::size_t g = 0; g < levels.size(); ++g) {
      const auto level = as_size((*levels[g])[i]);
      const auto slot = slot_for(level, seen(g), user[g]);
      if (!slot) return false;
      slots.push_back(*slot);
    }
    for (std::size_t g = 0; g < levels.size(); ++g) {
      const auto level = as_size((*levels[g])[i]);
      if (user[g].emplace(slots[g], level).second && level >= seen(g)) {
        segment.borrowed.push_back({g, level, slots[g]});
      }
      (*levels[g])[i] = static_cast<std::int32_t>(slots[g]);
    }
    return true;
  }

  static std::optional<std::size_t> slot_for(std::size_t level, std::size_t seen,
                                             const std::map<std::size_t, std::size_t>& user) {
    if (level < seen) {
      const auto taken = user.find(level);
      if (taken != user.end() && taken->second != level) return std::nullopt;
      return level;
    }
    for (const auto& [slot, other] : user) {
      if (other == level) return slot;
    }
    for (std::size_t slot = seen; slot-- > 0;) {
      if (!user.contains(slot)) return slot;
    }
    return std::nullopt;
  }

  void fill(const Rows& rows, const Segment& segment, Matrix& result) {
    const Rows part = segment.count == rows.y.size()
                          ? rows
                          : rows.middle(as_size(segment.first), as_size(segment.count));
    std::vector<Vector> y(models_.size(), Vector(segment.count));
    runs_.visit(models_.size(), [&](const DrawRun& run, ConstMatrixRef thetas, std::size_t t) {
      for (std::size_t k = 0; k < run.count; ++k) {
        const auto column = as_index(k);
        one(*models_[t], run.chain, run.first + k, thetas.col(column), part, segment, y[t]);
        result.row(runs_.place(run) + column).segment(segment.first, segment.count) =
            y[t].transpose();
      }
    });
  }

  /// Rows whose levels of the same groupings are new, the mean taken over their effects.
  void fill_averages(const Rows& rows, Matrix& result) {
    need<LinearPredictor>();
    struct Part {
      std::vector<std::size_t> numbers;
      Rows rows;
    };
    std::map<std::vector<std::size_t>, Part> parts;  // by those groupings
    for (std::size_t i = 0; i < rows.count(); ++i) {
      std::vector<std::size_t> unseen;
      for (std::size_t g = 0; g < rows.level.size(); ++g) {
        if (as_size(rows.level[g][i]) >= seen(g)) unseen.push_back(g);
      }
      parts[unseen].numbers.push_back(i);
    }
    for (auto& [unseen, part] : parts) {
      part.rows = rows.select(part.numbers);
      for (const std::size_t g : unseen) std::ranges::fill(part.rows.level[g], 0);
    }
    runs_.visit(models_.size(), [&](const DrawRun& run, ConstMatrixRef thetas, std::size_t t) {
      Vector mean;
      for (std::size_t k = 0; k < run.count; ++k) {
        const auto column = as_index(k);
        for (const auto& [unseen, part] : parts) {
          mean.resize(part.rows.y.size());
          guarded("model", model_.type.name, "predict_linear_of_new()",
                  [&, &unseen = unseen, &part = part] {
                    population_mean(*models_[t], thetas.col(column), part.rows, unseen, mean);
                  });
          for (std::size_t i = 0; i < part.numbers.size(); ++i) {
            result(runs_.place(run) + column, as_index(part.numbers[i])) = mean[as_index(i)];
          }
        }
      }
    });
  }

  void one(Model& model, std::size_t chain, std::size_t draw, ConstVectorRef theta,
           const Rows& rows, const Segment& segment, Vector& y) const {
    if (segment.borrowed.empty()) return of_rows(model, chain, draw, theta, rows, y);
    Vector changed = theta;
    for (const Borrowed& borrowed : segment.borrowed) {
      guarded("model", model_.type.name, "draw_group()", [&] {
        auto* groups = query<NewGroups>(model);
        if (plan_.no_groups || plan_.new_levels == NewLevels::population) {
          groups->center_group(borrowed.grouping, borrowed.slot, changed);
          return;
        }
        // One level is the same in all blocks of rows.
        Rng rng({plan_.seed, new_level_mark | static_cast<std::uint32_t>(chain), Purpose::predict,
                 draw, borrowed.level * model_.design.groupings_in_all() + borrowed.grouping});
        groups->draw_group(borrowed.grouping, borrowed.slot, changed, rng);
      });
    }
    of_rows(model, chain, draw, changed, rows, y);
  }

  void of_rows(Model& model, std::size_t chain, std::size_t draw, ConstVectorRef theta,
               const Rows& rows, Vector& y) const {
    if (plan_.scale == PredictionScale::mean) {
      return guarded("model", model_.type.name, "expect()",
                     [&] { query<Expectation>(model)->expect(theta, rows, y); });
    }
    if (plan_.scale == PredictionScale::link) {
      return guarded("model", model_.type.name, "predict_linear()",
                     [&] { query<LinearPredictor>(model)->predict_linear(theta, rows, y); });
    }
    Rng rng({plan_.seed, static_cast<std::uint32_t>(chain), Purpose::predict, draw, rows.first});
    guarded("model", model_.type.name, "predict()",
            [&] { query<Predictive>(model)->predict(theta, rows, y, rng); });
  }

  const FittedModel& model_;
  const Draws& posterior_;
  const PredictionPlan& plan_;
  const NewRows* fresh_;
  std::vector<std::unique_ptr<Model>> models_;
  DrawRuns runs_;
};

}  // namespace

void predict(const FittedModel& model, const Draws& posterior, const PredictionPlan& plan,
             const PredictionBlock& visit) {
  Prediction(model, posterior, plan, nullptr).visit_all(visit);
}

void predict(const FittedModel& model, const Draws& posterior, const NewRows& rows,
             const PredictionPlan& plan, const PredictionBlock& visit) {
  Prediction(model, posterior, plan, &rows).visit_all(visit);
}

}  // namespace tarn
