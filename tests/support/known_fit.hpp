// A fit in memory with its model, as diagnostics and predictions see it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fit.hpp"
#include "matrix_rows.hpp"
#include "tarn/plugin.hpp"

namespace tarn::test {

struct KnownFit {
  KnownFit(const std::string& name, const Data& data, const std::vector<std::string>& given,
           std::size_t draws, const std::string& sampler = "collapsed")
      : KnownFit(name, design_of(data), given, draws, sampler) {}

  KnownFit(const std::string& name, Design over, const std::vector<std::string>& given,
           std::size_t draws, const std::string& sampler = "collapsed")
      : design(std::move(over)),
        type(narrowed(*registry().model(name).type, design,
                      Priors(registry().model(name).type->parameters(design), given))),
        priors(type.parameters(design), given),
        model{type,
              design,
              priors,
              {},
              [this] {
                return type.make({design, priors, settings});
              }},
        fitted(fit(design, {.model = name,
                            .sampler = sampler,
                            .priors = given,
                            .plan = {.chains = 2, .warmup = 200, .draws = draws, .seed = 1}})) {
    for (std::size_t i = 1; i <= design.rows->count(); ++i) model.row_numbers.push_back(i);
  }
  KnownFit(const KnownFit&) = delete;
  KnownFit& operator=(const KnownFit&) = delete;

  Design design;
  ModelType type;
  Priors priors;
  Settings settings;
  FittedModel model;
  Fitted fitted;
};

}  // namespace tarn::test
