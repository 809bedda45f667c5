// One fit in memory.
#include "fit.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace tarn::test {

const Registry& registry() {
  static const Registry all{std::vector<std::filesystem::path>{TARN_PLUGINS}};
  return all;
}

MemoryDraws::MemoryDraws(Layout layout, std::size_t chains, std::size_t draws)
    : layout_(std::move(layout)),
      chains_(chains),
      draws_(draws),
      values_(static_cast<Eigen::Index>(chains * draws),
              static_cast<Eigen::Index>(layout_.size())) {}

void MemoryDraws::write(const DrawBatch& batch) {
  const auto row = static_cast<Eigen::Index>(batch.chain * draws_ + batch.first);
  values_.middleRows(row, batch.theta.cols()) = batch.theta.transpose();
  if (statistics_ != nullptr) {
    statistics_->values_.middleRows(row, batch.theta.cols()) = batch.statistics.transpose();
  }
}

void MemoryDraws::read(std::size_t block, std::size_t first, MatrixRef into) const {
  into = values_.middleCols(static_cast<Eigen::Index>(layout_.offset(block) + first), into.cols());
}

void MemoryDraws::read_draws(std::size_t chain, std::size_t first, MatrixRef into) const {
  into = values_.middleRows(static_cast<Eigen::Index>(chain * draws_ + first), into.cols())
             .transpose();
}

namespace {

Report evaluate(const Draws& draws, const Draws* statistics = nullptr) {
  const DiagnosticType& type = *registry().diagnostic("convergence").type;
  Report report;
  type.make(Settings(type.settings, {}, "convergence"))->evaluate({draws, statistics}, report);
  return report;
}

std::size_t place(const std::vector<std::string>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) throw std::out_of_range("no " + std::string(name));
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace

bool Fitted::called_good() const {
  return std::ranges::find(findings, Finding::Level::bad, &Finding::level) == findings.end();
}

double Fitted::at(std::string_view parameter, std::string_view column) const {
  return table.at(place(table.rows, parameter), place(table.columns, column));
}

Vector Fitted::column(std::string_view parameter) const {
  const Layout& layout = draws.layout();
  for (std::size_t block = 0; block < layout.blocks(); ++block) {
    for (std::size_t e = 0; e < layout.block(block).size(); ++e) {
      if (layout.element_name(block, e) != parameter) continue;
      return draws.values().col(static_cast<Eigen::Index>(layout.offset(block) + e));
    }
  }
  throw std::out_of_range("no " + std::string(parameter));
}

Fitted fit(const Design& design, const FitOptions& options) {
  const ModelType& model = *registry().model(options.model).type;
  const SamplerType& sampler = *registry().sampler(options.sampler).type;
  const Priors priors(model.parameters(design), options.priors);
  const Settings model_settings(model.settings, {}, options.model);
  const Settings sampler_settings(sampler.settings, options.settings, options.sampler);
  const ModelInput input{design, priors, model_settings};

  Run run(model, input, sampler, sampler_settings, options.plan);
  MemoryDraws draws(run.layout(), options.plan.chains, options.plan.draws);
  Layout reported;
  for (const Statistic& statistic : run.statistics()) reported.add({statistic.name});
  MemoryDraws statistics(reported, options.plan.chains, options.plan.draws);
  draws.keep_statistics(statistics);
  RunOutcome outcome = run.go(draws, {}, {});
  if (!outcome.failures.empty()) throw std::runtime_error(outcome.failures.front());
  const Report report = evaluate(draws, &statistics);
  return {std::move(draws), report.tables().front(), std::move(outcome), report.findings()};
}

ReportTable summarise(const Matrix& values, const std::vector<std::string>& names,
                      std::size_t chains) {
  Layout layout;
  layout.add({"q", {{"name", names}}});
  MemoryDraws draws(layout, chains, static_cast<std::size_t>(values.rows()) / chains);
  DrawBatch batch;
  for (std::size_t c = 0; c < chains; ++c) {
    batch.chain = c;
    batch.theta = values
                      .middleRows(static_cast<Eigen::Index>(c * draws.draws()),
                                  static_cast<Eigen::Index>(draws.draws()))
                      .transpose();
    draws.write(batch);
  }
  return evaluate(draws).tables().front();
}

}  // namespace tarn::test
