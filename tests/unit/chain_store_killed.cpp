// A run that is killed leaves a file that opens, and what it says is there is right.
#define BOOST_TEST_MODULE chain_store_killed
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include <sys/wait.h>
#include <unistd.h>
#include <boost/test/unit_test.hpp>

#include "made_up_draws.hpp"
#include "tarn/io/chain_store.hpp"
#include "temporary_folder.hpp"

using namespace tarn;
using namespace tarn::test;

namespace {

constexpr std::size_t chains = 4, draws = 4000, statistics = 2;

Layout mixed_layout() {
  Layout layout;
  layout.add({.name = "sigma", .support = Support::positive});
  layout.add({.name = "b", .axes = {{"coefficient", numbered_labels("x", 5)}}});
  layout.add({.name = "r_g", .axes = {{"g", numbered_labels("g", 90)}, {"g_term", {"a", "b"}}}});
  return layout;
}

/// Draws as fast as it can, a few draws at a time; tells the pipe once the file is there.
[[noreturn]] void run_until_killed(const std::filesystem::path& out, std::size_t length,
                                   int ready) {
  const Layout layout = mixed_layout();
  io::ChainWriter writer(out, layout, {{"lp"}, {"n_steps", Statistic::Type::integer}}, chains,
                         draws, {.draws_requested = draws}, false);
  if (::write(ready, "!", 1) != 1) std::_Exit(1);
  for (std::size_t first = 0; first < draws; first += length) {
    for (std::size_t chain = 0; chain < chains; ++chain) {
      write_draws(writer, layout.size(), statistics, chain, first, std::min(first + length, draws),
                  length);
    }
  }
  for (;;) ::pause();
}

/// Values below the draws that the file counts and that are not what was drawn.
std::size_t wrong_values(const Draws& stored, const Layout& layout) {
  std::size_t wrong = 0;
  for (std::size_t block = 0; block < layout.blocks(); ++block) {
    const std::size_t size = layout.block(block).size();
    Matrix values(static_cast<Eigen::Index>(chains * stored.draws()),
                  static_cast<Eigen::Index>(size));
    stored.read(block, 0, values);
    for (std::size_t e = 0; e < size; ++e) {
      for (std::size_t chain = 0; chain < chains; ++chain) {
        for (std::size_t draw = 0; draw < stored.draws(); ++draw) {
          wrong += values(static_cast<Eigen::Index>(chain * stored.draws() + draw),
                          static_cast<Eigen::Index>(e)) !=
                   value_at(chain, draw, layout.offset(block) + e);
        }
      }
    }
  }
  return wrong;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_killed_run_leaves_a_file_whose_counted_draws_are_right) {
  std::mt19937 random(20240607);
  std::size_t with_draws = 0;
  for (int kill = 0; kill < 20; ++kill) {
    const TemporaryFolder folder;
    const std::filesystem::path out = folder.path() / "fit.h5";
    const std::size_t length = kill % 2 == 0 ? 100 : 7;  // whole chunks, and parts of them
    int ready[2];
    BOOST_TEST_REQUIRE(::pipe(ready) == 0);
    const pid_t child = ::fork();
    if (child == 0) run_until_killed(out, length, ready[1]);
    ::close(ready[1]);
    char told = 0;
    BOOST_TEST_REQUIRE(::read(ready[0], &told, 1) == 1);
    ::close(ready[0]);
    ::usleep(static_cast<useconds_t>(random() % 60'000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);

    BOOST_TEST(!std::filesystem::exists(out));
    const io::ChainFile file(out.string() + ".partial");
    const Draws& stored = file.posterior();
    BOOST_TEST_REQUIRE(stored.draws() <= draws);
    with_draws += stored.draws() > 0;
    BOOST_TEST(wrong_values(stored, mixed_layout()) == 0,
               "kill " << kill << " after " << stored.draws() << " draws");
    BOOST_TEST(wrong_values(file.statistics(), [] {
                 Layout scalars;
                 scalars.add({.name = "lp"});
                 return scalars;
               }()) == 0);
  }
  BOOST_TEST(with_draws > 0);  // else nothing was tested
}

// Whatever moves after the first draw is where a kill could break the file.
BOOST_AUTO_TEST_CASE(the_files_size_and_head_are_frozen_before_the_first_draw) {
  const auto head_of = [](const std::filesystem::path& file) {
    std::string bytes(96, '\0');  // HDF5's superblock
    std::ifstream(file, std::ios::binary).read(bytes.data(), 96);
    return bytes;
  };
  for (const std::size_t elements : {std::size_t{1}, std::size_t{60}, std::size_t{200}}) {
    const TemporaryFolder folder;
    const std::filesystem::path out = folder.path() / "fit.h5", partial = out.string() + ".partial";
    Layout layout;
    layout.add({.name = "theta", .axes = {{"item", numbered_labels("i", elements)}}});
    io::ChainWriter writer(
        out, layout,
        {{"lp"}, {"n_steps", Statistic::Type::integer}, {"diverging", Statistic::Type::boolean}},
        chains, 500, {.config = "{}", .draws_requested = 500}, false);
    const auto size = std::filesystem::file_size(partial);
    const std::string head = head_of(partial);
    for (std::size_t chain = 0; chain < chains; ++chain) {
      write_draws(writer, elements, 3, chain, 0, 500, 100);
      BOOST_TEST(std::filesystem::file_size(partial) == size);
      BOOST_TEST((head_of(partial) == head));
    }
  }
}
