// A small chain file, and how what is done with it is refused.
#pragma once

#include <filesystem>
#include <functional>
#include <iterator>
#include <string>

#include <boost/test/unit_test.hpp>

#include "made_up_draws.hpp"
#include "tarn/error.hpp"
#include "tarn/io/chain_store.hpp"
#include "temporary_folder.hpp"

namespace tarn::test {

inline Layout layout_of(std::size_t elements) {
  Layout layout;
  layout.add({.name = "theta", .axes = {{"item", numbered_labels("i", elements)}}});
  return layout;
}

inline constexpr std::size_t elements = 20, chains = 2, draws = 120;

inline io::ChainWriter writer(const std::filesystem::path& out, bool force = false,
                              std::size_t size = elements) {
  return {out, layout_of(size), {{"lp"}}, chains, draws, {.draws_requested = draws}, force};
}

inline void write_all(io::ChainWriter& to, std::size_t size = elements) {
  for (std::size_t chain = 0; chain < chains; ++chain) {
    write_draws(to, size, 1, chain, 0, draws, 60);
  }
}

inline std::filesystem::path finished_file(const TemporaryFolder& folder) {
  io::ChainWriter to = writer(folder.path() / "fit.h5");
  write_all(to);
  return to.finish().value();
}

inline std::ptrdiff_t files(const std::filesystem::path& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

template <class Error>
void check_refusal(const std::function<void()>& attempt, const std::string& words) {
  BOOST_CHECK_EXCEPTION(attempt(), Error, [&](const Error& error) {
    const std::string said = error.what();
    BOOST_TEST(said.find(words) != std::string::npos, "'" << said << "' does not say " << words);
    return true;
  });
}

}  // namespace tarn::test
