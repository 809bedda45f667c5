// The roles' virtual tables, and their defaults.
#include "tarn/design.hpp"
#include "tarn/diagnostic.hpp"
#include "tarn/draws.hpp"
#include "tarn/model.hpp"
#include "tarn/sampler.hpp"

namespace tarn {

Model::~Model() = default;

PivotPlace::~PivotPlace() = default;
Sampler::~Sampler() = default;
Diagnostic::~Diagnostic() = default;
Draws::~Draws() = default;
RowSource::~RowSource() = default;

void Model::derive(VectorRef /*theta*/) {}

void Sampler::warm_up(VectorRef theta, std::span<double> stats, Rng& rng, WarmUp /*at*/) {
  step(theta, stats, rng);
}

}  // namespace tarn
