// Whole draws, run by run.
#include <algorithm>

#include "tarn/draws.hpp"
#include "tarn/parallel_for.hpp"
#include "tarn/runtime.hpp"

namespace tarn {

DrawRuns::DrawRuns(const Draws& draws, double held_bytes) : draws_(draws) {
  const std::size_t length = batch_length(draws.draws());
  for (std::size_t chain = 0; chain < draws.chains(); ++chain) {
    for (std::size_t first = 0; first < draws.draws(); first += length) {
      runs_.push_back({chain, first, std::min(length, draws.draws() - first)});
    }
  }
  const std::size_t total = draws.chains() * draws.draws();
  const double bytes =
      static_cast<double>(sizeof(double) * draws.layout().size()) * static_cast<double>(total);
  if (bytes > held_bytes) return;
  held_.resize(as_index(draws.layout().size()), as_index(total));
  for (const DrawRun& run : runs_) {
    draws.read_draws(run.chain, run.first, held_.middleCols(place(run), as_index(run.count)));
  }
}

void DrawRuns::visit(std::size_t threads, const Visit& each) const {
  std::vector<Matrix> read(std::max<std::size_t>(1, threads));
  parallel_for(runs_.size(), read.size(), [&](std::size_t part, std::size_t thread) {
    const DrawRun& run = runs_[part];
    const auto count = as_index(run.count);
    if (held()) return each(run, held_.middleCols(place(run), count), thread);
    read[thread].resize(as_index(draws_.layout().size()), count);
    draws_.read_draws(run.chain, run.first, read[thread]);
    each(run, read[thread], thread);
  });
}

void for_each_draw(
    const Draws& draws, std::size_t threads,
    const std::function<void(std::size_t number, ConstVectorRef theta, std::size_t thread)>& work) {
  const DrawRuns runs(draws);
  runs.visit(threads, [&](const DrawRun& run, ConstMatrixRef thetas, std::size_t thread) {
    const auto first = as_size(runs.place(run));
    for (std::size_t k = 0; k < run.count; ++k) {
      work(first + k, thetas.col(as_index(k)), thread);
    }
  });
}

Matrix select_draws(const Draws& draws, std::span<const std::size_t> numbers) {
  Matrix selected(as_index(draws.layout().size()), as_index(numbers.size()));
  const std::size_t length = batch_length(draws.draws());
  Matrix run;
  std::size_t here = ~std::size_t{0};
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    const std::size_t chain = numbers[k] / draws.draws();
    const std::size_t draw = numbers[k] % draws.draws();
    const std::size_t first = draw / length * length;
    if (chain * draws.draws() + first != here) {
      here = chain * draws.draws() + first;
      run.resize(selected.rows(), as_index(std::min(length, draws.draws() - first)));
      draws.read_draws(chain, first, run);
    }
    selected.col(as_index(k)) = run.col(as_index(draw - first));
  }
  return selected;
}

}  // namespace tarn
