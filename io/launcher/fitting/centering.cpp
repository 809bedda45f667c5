// Tells which priors are at the covariates' means.
#include "fitting/centering.hpp"

#include <cmath>

#include <fmt/format.h>

#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

/// Calls with every centred term on the grouping of this name.
template <class Work>
void for_each_centred(const std::string& grouping, const PredictorDesign& design,
                      const Work& work) {
  for (std::size_t t = 0; t < design.terms.size(); ++t) {
    if (design.groupings[design.terms[t].grouping].name != grouping) continue;
    if (const Centering centering = design.term_centering(t); centering.moves()) {
      work(t, centering);
    }
  }
}

}  // namespace

void set_centering(const std::string& center, FormulaOptions& options) {
  options.center = center != "no";
  options.center_groups = center == "yes";
}

bool is_at_means(const Subject& subject, const Design& all) {
  using Kind = Subject::Kind;
  const PredictorDesign* const found_design = all.predictor_of(subject.parameter);
  if (found_design == nullptr) return false;
  const PredictorDesign& design = *found_design;
  if (subject.kind == Kind::coefficient) {
    return subject.name == "Intercept" && design.coefficient_centering().moves();
  }
  if (subject.kind == Kind::cut) return !design.has_intercept && !design.center.isZero(0);
  bool found = false;
  for_each_centred(subject.grouping, design, [&](std::size_t t, const Centering& centering) {
    const std::vector<std::string>& columns = design.terms[t].columns;
    for (std::size_t k = 0; k < columns.size(); ++k) {
      if (centering.constant[static_cast<Eigen::Index>(k)] == 0) continue;
      found = found || subject.kind == Kind::group_correlation ||
              subject.kind == Kind::group_covariance ||
              (subject.kind == Kind::group_sd && subject.name == columns[k]);
    }
  });
  return found;
}

std::string source_text(const std::string& source, bool at_means) {
  return at_means ? source + ", at the means" : source;
}

std::vector<std::string> notes_on_stated(const Priors& priors, const Design& design) {
  std::vector<std::string> notes;
  for (const ParameterPrior& prior : priors.all()) {
    const Subject& subject = prior.parameter.subject;
    const bool of_sds =
        subject.kind == Subject::Kind::group_sd || subject.kind == Subject::Kind::group_covariance;
    if (!of_sds || !prior.source.starts_with("given") || !is_at_means(subject, design)) continue;
    std::vector<std::string> far;
    const PredictorDesign& own = *design.predictor_of(subject.parameter);
    for_each_centred(subject.grouping, own, [&](std::size_t t, const Centering& centering) {
      for (std::size_t k = 0; k < own.terms[t].columns.size(); ++k) {
        const double mean = centering.mean[static_cast<Eigen::Index>(k)];
        if (std::abs(mean) <= own.group_column_scale[t][k].sd) continue;
        far.push_back(fmt::format("{} = {:.4g}", own.terms[t].columns[k], mean));
      }
    });
    if (far.empty()) continue;
    notes.push_back(
        fmt::format("prior '{}' is meant at the covariates' mean{}, {}, and not where {} 0; "
                    "--center population takes it there",
                    prior.text(), far.size() == 1 ? "" : "s", list_of(far),
                    far.size() == 1 ? "it is" : "they are"));
  }
  return notes;
}

}  // namespace tarn::launcher
