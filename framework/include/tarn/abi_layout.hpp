// A number for the layout of all that crosses between tarn and a plugin: where two differ, one
// would read the other's objects wrongly. plugin.hpp ends with it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string_view>

#include "tarn/plugin.hpp"

namespace tarn::abi {

/// FNV-1a of 64 bits (Fowler, Noll & Vo 1991), number by number.
class Hash {
 public:
  constexpr void add(std::uint64_t number) noexcept {
    for (int byte = 0; byte < 8; ++byte, number >>= 8) {
      value_ = (value_ ^ (number & 0xff)) * 0x100000001b3;
    }
  }
  constexpr std::uint64_t value() const noexcept { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

/// Size, alignment, and where the members begin.
constexpr void add_layout(Hash& hash, std::size_t size, std::size_t alignment,
                          std::initializer_list<std::size_t> offsets) noexcept {
  hash.add(size);
  hash.add(alignment);
  for (const std::size_t offset : offsets) hash.add(offset);
}

// Members of classes with private parts or references cannot be named here: their size and
// alignment stand for them. offsetof is defined for every class of one standard library that has no
// virtual base.
#define TARN_SIZE(T) ::tarn::abi::add_layout(hash, sizeof(T), alignof(T), {})
#define TARN_AT_1(T, a) offsetof(T, a)
#define TARN_AT_2(T, a, ...) offsetof(T, a), TARN_AT_1(T, __VA_ARGS__)
#define TARN_AT_3(T, a, ...) offsetof(T, a), TARN_AT_2(T, __VA_ARGS__)
#define TARN_AT_4(T, a, ...) offsetof(T, a), TARN_AT_3(T, __VA_ARGS__)
#define TARN_AT_5(T, a, ...) offsetof(T, a), TARN_AT_4(T, __VA_ARGS__)
#define TARN_AT_6(T, a, ...) offsetof(T, a), TARN_AT_5(T, __VA_ARGS__)
#define TARN_AT_7(T, a, ...) offsetof(T, a), TARN_AT_6(T, __VA_ARGS__)
#define TARN_AT_8(T, a, ...) offsetof(T, a), TARN_AT_7(T, __VA_ARGS__)
#define TARN_AT_9(T, a, ...) offsetof(T, a), TARN_AT_8(T, __VA_ARGS__)
#define TARN_AT_10(T, a, ...) offsetof(T, a), TARN_AT_9(T, __VA_ARGS__)
#define TARN_AT_11(T, a, ...) offsetof(T, a), TARN_AT_10(T, __VA_ARGS__)
#define TARN_AT_12(T, a, ...) offsetof(T, a), TARN_AT_11(T, __VA_ARGS__)
#define TARN_AT_13(T, a, ...) offsetof(T, a), TARN_AT_12(T, __VA_ARGS__)
#define TARN_AT_14(T, a, ...) offsetof(T, a), TARN_AT_13(T, __VA_ARGS__)
#define TARN_AT_15(T, a, ...) offsetof(T, a), TARN_AT_14(T, __VA_ARGS__)
#define TARN_AT_16(T, a, ...) offsetof(T, a), TARN_AT_15(T, __VA_ARGS__)
#define TARN_AT_17(T, a, ...) offsetof(T, a), TARN_AT_16(T, __VA_ARGS__)
#define TARN_AT_18(T, a, ...) offsetof(T, a), TARN_AT_17(T, __VA_ARGS__)
#define TARN_AT_19(T, a, ...) offsetof(T, a), TARN_AT_18(T, __VA_ARGS__)
#define TARN_AT_20(T, a, ...) offsetof(T, a), TARN_AT_19(T, __VA_ARGS__)
#define TARN_COUNT_(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, number, ...) number
#define TARN_COUNT(...) \
  TARN_COUNT_(__VA_ARGS__, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define TARN_PASTE_(a, b) a##b
#define TARN_PASTE(a, b) TARN_PASTE_(a, b)
#define TARN_LAYOUT(T, ...)                            \
  ::tarn::abi::add_layout(hash, sizeof(T), alignof(T), \
                          {TARN_PASTE(TARN_AT_, TARN_COUNT(__VA_ARGS__))(T, __VA_ARGS__)})

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

/// Of the structures whose members both sides read or write.
consteval std::uint64_t layout() {
  Hash hash;
  TARN_LAYOUT(Grouping, name, levels);
  TARN_LAYOUT(GroupTerm, grouping, columns, correlated);
  TARN_LAYOUT(PredictorRows, X, offset, Z, level);
  TARN_LAYOUT(Rows, first, in_data, y, trials, frequency, weight, predictors);
  TARN_LAYOUT(ColumnScale, mean, sd);
  TARN_LAYOUT(PredictorDesign, parameter, coefficients, column_scale, group_column_scale,
              has_intercept, has_offset, center, group_center, groupings, terms);
  TARN_LAYOUT(Design, family_name, family, response, response_scale, known_errors, has_weights,
              has_trials, has_gaps, categories, predictors, rows);
  TARN_LAYOUT(Moments, factor, rows, log_weight);
  TARN_LAYOUT(GroupMoments, weight, mean, within);
  TARN_LAYOUT(GroupFactors, columns, R, T, rest);
  TARN_LAYOUT(Axis, name, labels);
  TARN_LAYOUT(Centering, mean, constant);
  TARN_LAYOUT(Block, name, axes, support, describes, scaled_by, stored, derived, internal,
              centering);
  TARN_SIZE(Layout);
  TARN_SIZE(ModelInput);
  TARN_LAYOUT(FullConditionals::Step, id, name, blocks);
  TARN_LAYOUT(DensityArgument, name, positive);
  TARN_LAYOUT(DensityType, name, arguments, repeats, support, proper, wrong, log_density, score,
              draw, ends, block, conjugacy);
  TARN_LAYOUT(DensityType::Block, log_density, add_gradient, draw, refuses, log_marginal);
  TARN_LAYOUT(DensityType::Conjugacy, gaussian, mixing, scales_with_sigma, inverse_gamma,
              inverse_wishart);
  TARN_SIZE(Density);
  TARN_LAYOUT(Subject, kind, name, grouping, parameter);
  TARN_LAYOUT(Parameter, keys, support, square, default_prior, reason, scalable, instead_of,
              subject, elements);
  TARN_LAYOUT(ParameterPrior, parameter, density, on_square, source);
  TARN_SIZE(Priors);
  TARN_LAYOUT(Setting, name, describes, default_value, choices, least, most);
  TARN_SIZE(Settings);
  TARN_LAYOUT(Stream, seed, chain, purpose, draw, piece);
  TARN_SIZE(Rng);
  TARN_LAYOUT(Statistic, name, type, describes);
  TARN_LAYOUT(WarmUp, done, total);
  TARN_LAYOUT(Finding, level, sentence);
  TARN_LAYOUT(ReportTable, name, columns, rows, values, title);
  TARN_LAYOUT(FigureColumn, name, numbers, texts);
  TARN_LAYOUT(FigureData, name, columns);
  TARN_LAYOUT(Figure, name, title, caption, specification, data);
  TARN_SIZE(Report);
  TARN_LAYOUT(FittedModel, row_numbers, make);
  TARN_LAYOUT(Fit, statistics, model, truth, wants_figures, seed, threads, observed, refit,
              most_refits);
  TARN_LAYOUT(Covariance, sd, correlation);
  TARN_SIZE(GroupCovariance);
  TARN_SIZE(Coefficients);
  TARN_SIZE(Target);
  TARN_SIZE(Walk);
  TARN_SIZE(TuningWriter);
  TARN_SIZE(TuningReader);
  TARN_LAYOUT(FamilyParameter, block, prior, start);
  TARN_SIZE(Family);
  TARN_LAYOUT(FamilyType, name, summary, links, takes, response, intercept, make);
  TARN_LAYOUT(ModelType, name, summary, offers, settings, reads_rows, takes, any_family,
              probability_mass, generality, refuses, parameters, withholds, withheld, make);
  TARN_LAYOUT(SamplerType, name, summary, needs, settings, preference, learns, make, make_like);
  TARN_LAYOUT(DiagnosticType, name, summary, needs, settings, statistics, title, place, make);
  TARN_LAYOUT(DrawRun, chain, first, count);
  TARN_SIZE(DrawRuns);
  TARN_LAYOUT(Plugin, families, models, samplers, diagnostics, densities);
  return hash.value();
}

#pragma GCC diagnostic pop

/// Where virtual functions are in their table. (The Itanium ABI, 2.3: a pointer to a virtual member
/// begins with 1 plus that offset.)
template <class... Functions>
void add_virtuals(Hash& hash, Functions... functions) noexcept {
  const auto add = [&hash](auto function) {
    std::uintptr_t place = 0;
    static_assert(sizeof(function) >= sizeof(place));
    std::memcpy(&place, &function, sizeof(place));
    hash.add(place);
  };
  (add(functions), ...);
}

/// Of the classes that one side derives from and the other calls; all their virtual functions.
inline std::uint64_t virtuals() noexcept {
  Hash hash;
  add_virtuals(hash, &Model::layout, &Model::start, &Model::derive, &Model::query);
  add_virtuals(hash, &Family::parameters, &Family::refuses, &Family::log_likelihood,
               &Family::derivatives, &Family::psi_scores, &Family::mean, &Family::variance,
               &Family::draw, &Family::probability_mass, &Family::has_atoms, &Family::log_concave,
               &Family::predictor_scale, &Family::predicts, &Family::query);
  add_virtuals(hash, &GaussianRows::row_sd);
  add_virtuals(hash, &DistributionFunction::cumulative);
  add_virtuals(hash, &ShiftForm::form, &ShiftForm::terms, &ShiftForm::shift_terms);
  add_virtuals(hash, &LogDensity::log_density);
  add_virtuals(hash, &LogPrior::log_prior);
  add_virtuals(hash, &Gradient::log_density_gradient);
  add_virtuals(hash, &FullConditionals::steps, &FullConditionals::plain_steps,
               &FullConditionals::draw);
  add_virtuals(hash, &Collapsed::marginal_layout, &Collapsed::to_marginal, &Collapsed::log_marginal,
               &Collapsed::sample_conditional);
  add_virtuals(hash, &CollapsedGradient::log_marginal_gradient);
  add_virtuals(hash, &NumericalMarginal::nodes, &NumericalMarginal::set_nodes,
               &NumericalMarginal::quadrature_error);
  add_virtuals(hash, &PivotPlace::set, &PivotPlace::log_density, &PivotPlace::log_density_gradient,
               &PivotPlace::gradient, &PivotPlace::to_standard, &PivotPlace::from_standard);
  add_virtuals(hash, &Pivot::hyperparameter_layout, &Pivot::to_hyperparameters, &Pivot::latents,
               &Pivot::anchor, &Pivot::make_place);
  add_virtuals(hash, &PointwiseLogLikelihood::log_likelihood);
  add_virtuals(hash, &GroupwiseLogLikelihood::log_likelihood_of_levels);
  add_virtuals(hash, &MarginalRowLogLikelihood::log_likelihood_given_level);
  add_virtuals(hash, &MarginalRowDistribution::distribution_given_level);
  add_virtuals(hash, &Predictive::predict);
  add_virtuals(hash, &Expectation::expect);
  add_virtuals(hash, &LinearPredictor::predict_linear, &LinearPredictor::predict_linear_of_new,
               &LinearPredictor::mean_at, &LinearPredictor::variance_at);
  add_virtuals(hash, &ResponseDistribution::distribution);
  add_virtuals(hash, &NewGroups::draw_group, &NewGroups::center_group);
  add_virtuals(hash, &PriorDraws::draw_prior);
  add_virtuals(hash, &Evidence::log_evidence);
  add_virtuals(hash, &RowSource::count, &RowSource::read);
  add_virtuals(hash, &Draws::chains, &Draws::draws, &Draws::layout, &Draws::read,
               &Draws::read_draws);
  add_virtuals(hash, &Sampler::plan, &Sampler::statistics, &Sampler::step, &Sampler::warm_up,
               &Sampler::end_warm_up, &Sampler::tuning, &Sampler::restore);
  add_virtuals(hash, &Diagnostic::evaluate);
  return hash.value();
}

/// `text` and then the layout as 16 hexadecimal digits.
template <std::size_t N>
consteval std::array<char, N + 16> with_layout(const char (&text)[N]) {
  std::array<char, N + 16> all{};
  for (std::size_t i = 0; i + 1 < N; ++i) all[i] = text[i];
  std::uint64_t rest = layout();
  for (std::size_t i = 0; i < 16; ++i, rest >>= 4) {
    all[N + 14 - i] = "0123456789abcdef"[rest & 0xf];
  }
  return all;
}

}  // namespace tarn::abi

#undef TARN_SIZE
#undef TARN_LAYOUT
