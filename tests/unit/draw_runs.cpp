// Every draw is read once, by one or several threads, with room for all draws or for a few.
#define BOOST_TEST_MODULE draw_runs
#include <boost/test/unit_test.hpp>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "fit.hpp"
#include "tarn/draws.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// Chains of 250 draws of (chain, draw): two whole runs of 100 and half of one.
MemoryDraws counted(std::size_t chains) {
  Layout layout;
  layout.add({"x", {{"which", {"chain", "draw"}}}});
  MemoryDraws draws(layout, chains, 250);
  DrawBatch batch;
  for (std::size_t c = 0; c < chains; ++c) {
    batch.chain = c;
    batch.theta.resize(2, 250);
    for (Eigen::Index d = 0; d < 250; ++d) {
      batch.theta.col(d) << static_cast<double>(c), static_cast<double>(d);
    }
    draws.write(batch);
  }
  return draws;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_draw_is_visited_once_by_one_thread_of_those_there_are) {
  const MemoryDraws draws = counted(3);
  for (const std::size_t threads : {0u, 1u, 4u}) {
    std::vector<int> times(750, 0);
    std::mutex mutex;
    bool right = true;
    for_each_draw(draws, threads, [&](std::size_t number, ConstVectorRef theta, std::size_t t) {
      const std::lock_guard lock(mutex);
      ++times.at(number);
      right = right && theta.size() == 2 && t < std::max<std::size_t>(1, threads) &&
              static_cast<double>(number) == 250 * theta[0] + theta[1];
    });
    BOOST_TEST(right);
    BOOST_TEST(times == std::vector<int>(750, 1));
  }
}

BOOST_AUTO_TEST_CASE(what_is_held_is_what_would_be_read) {
  const MemoryDraws draws = counted(2);
  const double bytes = 2 * 500 * sizeof(double);
  const DrawRuns read(draws, bytes - 1), held(draws, bytes);
  BOOST_TEST(!read.held());
  BOOST_TEST(held.held());
  const auto all = [&](const DrawRuns& runs) {
    Matrix thetas(2, 500);
    runs.visit(1, [&](const DrawRun& run, ConstMatrixRef some, std::size_t) {
      thetas.middleCols(runs.place(run), static_cast<Eigen::Index>(run.count)) = some;
    });
    return thetas;
  };
  BOOST_TEST((all(read) == all(held)));
}

BOOST_AUTO_TEST_CASE(draws_are_selected_by_their_numbers) {
  const MemoryDraws draws = counted(3);
  const std::vector<std::size_t> numbers{0, 99, 100, 249, 250, 251, 749};
  const Matrix some = select_draws(draws, numbers);
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    const Vector theta = some.col(static_cast<Eigen::Index>(k));
    BOOST_TEST(250 * theta[0] + theta[1] == static_cast<double>(numbers[k]));
  }
  BOOST_TEST(select_draws(draws, {}).cols() == 0);
}

BOOST_AUTO_TEST_CASE(what_the_work_throws_is_thrown) {
  const MemoryDraws draws = counted(2);
  const auto fail = [](std::size_t number, ConstVectorRef, std::size_t) {
    if (number == 300) throw std::runtime_error("at 300");
  };
  BOOST_CHECK_EXCEPTION(for_each_draw(draws, 3, fail), std::runtime_error,
                        [](const auto& error) { return std::string(error.what()) == "at 300"; });
}
