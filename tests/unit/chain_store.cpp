// What is written to a chain file is what comes back.
#define BOOST_TEST_MODULE chain_store
#include "tarn/io/chain_store.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "small_run.hpp"

using namespace tarn;
using namespace tarn::test;

namespace {

/// Number of values that are not where they belong; `chains` names the original chain of each.
std::size_t wrong_values(const Draws& draws, const Layout& written, std::size_t block,
                         std::size_t at_once, const std::vector<std::size_t>& chains) {
  const Block& stored = draws.layout().block(block);
  const std::size_t offset = written.offset(written.find(stored.name).value());
  std::size_t wrong = 0;
  for (std::size_t first = 0; first < stored.size(); first += at_once) {
    const std::size_t count = std::min(at_once, stored.size() - first);
    Matrix values(static_cast<Eigen::Index>(chains.size() * draws.draws()),
                  static_cast<Eigen::Index>(count));
    draws.read(block, first, values);
    for (Eigen::Index i = 0; i < values.size(); ++i) {
      const auto row = static_cast<std::size_t>(i % values.rows());
      const double expected =
          value_at(chains[row / draws.draws()], row % draws.draws(),
                   offset + first + static_cast<std::size_t>(i / values.rows()));
      wrong += values.data()[i] != expected;
    }
  }
  return wrong;
}

/// Runs of whole draws hold what the blocks hold that are read one by one.
void check_whole_draws(const Draws& draws) {
  const std::size_t length = draws.draws();
  const std::size_t chain = draws.chains() - 1, first = length / 3, count = length - first;
  Matrix whole(draws.layout().size(), count);
  draws.read_draws(chain, first, whole);
  for (std::size_t block = 0; block < draws.layout().blocks(); ++block) {
    const std::size_t size = draws.layout().block(block).size();
    Matrix columns(draws.chains() * length, size);
    draws.read(block, 0, columns);
    BOOST_TEST((whole.middleRows(draws.layout().offset(block), size) ==
                columns.middleRows(chain * length + first, count).transpose()));
  }
}

void check_draws(const Draws& draws, const Layout& written, const std::vector<std::size_t>& chains,
                 std::size_t length) {
  BOOST_TEST_REQUIRE(draws.chains() == chains.size());
  BOOST_TEST_REQUIRE(draws.draws() == length);
  for (std::size_t block = 0; block < draws.layout().blocks(); ++block) {
    const std::size_t size = draws.layout().block(block).size();
    for (const std::size_t at_once : {std::size_t{1}, std::size_t{7}, std::size_t{150}, size}) {
      BOOST_TEST(wrong_values(draws, written, block, at_once, chains) == 0,
                 draws.layout().block(block).name << " read " << at_once << " at a time");
    }
  }
  check_whole_draws(draws);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_draw_comes_back_where_it_belongs) {
  const SmallRun run;
  io::ChainWriter writer = run.writer();
  for (std::size_t chain = 0; chain < run.chains; ++chain) run.write(writer, chain, 0, run.draws);
  BOOST_TEST(writer.finish().value() == run.out());
  BOOST_TEST(run.files() == 1);

  const io::ChainFile file(run.out());
  BOOST_TEST(file.complete());
  BOOST_TEST(file.sampling_seconds() == 250);
  check_draws(file.posterior(), run.layout, {0, 1, 2}, run.draws);
}

BOOST_AUTO_TEST_CASE(the_layout_comes_back_without_what_is_not_stored) {
  const SmallRun run;
  {
    io::ChainWriter writer = run.writer();
    run.write(writer, 0, 0, 1);
  }
  const io::ChainFile file(run.partial());
  const Layout& layout = file.posterior().layout();
  BOOST_TEST(layout.blocks() == run.layout.blocks() - 2);
  BOOST_TEST(!layout.find("hidden"));
  BOOST_TEST(!layout.find("none"));
  BOOST_TEST(file.attribute("tarn_empty") == "none");
  for (std::size_t i = 0; i < layout.blocks(); ++i) {
    const Block& stored = layout.block(i);
    const std::size_t original = run.layout.find(stored.name).value();
    const Block& block = run.layout.block(original);
    BOOST_TEST((stored.support == block.support), block.name);
    BOOST_TEST(stored.describes == block.describes);
    BOOST_TEST_REQUIRE(stored.axes.size() == block.axes.size());
    for (std::size_t axis = 0; axis < block.axes.size(); ++axis) {
      BOOST_TEST(stored.axes[axis].name == block.axes[axis].name);
    }
    for (std::size_t element = 0; element < block.size(); ++element) {
      BOOST_TEST_REQUIRE(layout.element_name(i, element) ==
                         run.layout.element_name(original, element));
    }
  }
}

BOOST_AUTO_TEST_CASE(statistics_come_back_as_the_numbers_they_are) {
  const SmallRun run;
  {
    io::ChainWriter writer = run.writer();
    for (std::size_t chain = 0; chain < run.chains; ++chain) {
      DrawBatch batch = made_up_batch(run.layout.size(), 3, chain, 0, 2);
      batch.statistics << -1.5, std::numeric_limits<double>::infinity(),  // lp
          7, std::nan(""),                                                // n_steps
          1, 0;                                                           // diverging
      writer.write(batch);
    }
  }
  const io::ChainFile file(run.partial());
  const Draws& stored = file.statistics();
  BOOST_TEST_REQUIRE(stored.layout().blocks() == 3);
  Matrix value(6, 1);
  stored.read(0, 0, value);
  BOOST_TEST(value(0, 0) == -1.5);
  BOOST_TEST(value(1, 0) == std::numeric_limits<double>::infinity());
  stored.read(1, 0, value);
  BOOST_TEST(value(0, 0) == 7);
  BOOST_TEST(value(1, 0) == -1);  // no number: as if never written
  stored.read(2, 0, value);
  BOOST_TEST(value(0, 0) == 1);
  BOOST_TEST(value(5, 0) == 0);
  BOOST_TEST(stored.layout().block(0).describes == "log posterior");
}

BOOST_AUTO_TEST_CASE(draws_that_are_not_finite_are_kept_to_the_bit) {
  const SmallRun run;
  const std::vector<double> odd{std::nan(""), std::numeric_limits<double>::infinity(), -0.0,
                                std::numeric_limits<double>::denorm_min()};
  {
    io::ChainWriter writer = run.writer();
    for (std::size_t chain = 0; chain < run.chains; ++chain) {
      DrawBatch batch = made_up_batch(run.layout.size(), 3, chain, 0, odd.size());
      for (std::size_t i = 0; i < odd.size(); ++i) {
        batch.theta.col(static_cast<Eigen::Index>(i)).setConstant(odd[i]);
      }
      writer.write(batch);
    }
  }
  const io::ChainFile file(run.partial());
  Matrix values(static_cast<Eigen::Index>(run.chains * odd.size()), 140);
  file.posterior().read(file.posterior().layout().find("r_group").value(), 0, values);
  for (Eigen::Index column = 0; column < values.cols(); ++column) {
    BOOST_TEST(std::isnan(values(0, column)));
    BOOST_TEST(values(1, column) == odd[1]);
    BOOST_TEST(std::signbit(values(2, column)));
    BOOST_TEST(values(3, column) == odd[3]);
  }
}

BOOST_AUTO_TEST_CASE(provenance_is_kept_to_the_digit) {
  const SmallRun run;
  io::ChainWriter writer = run.writer();
  const io::ChainFile file(run.partial());  // nothing is drawn yet
  BOOST_TEST(file.posterior().draws() == 0);
  BOOST_TEST(!file.complete());
  BOOST_TEST(file.draws_requested() == 250);
  BOOST_TEST(file.attribute("tarn_format_version") == "1.1");
  BOOST_TEST(file.attribute("name") == "many shapes");
  BOOST_TEST(file.attribute("tarn_model_plugin") == "m");
  BOOST_TEST(file.attribute("tarn_sampler_version") == "2");
  BOOST_TEST(file.attribute("tarn_seed") == "18446744073709551557");
  BOOST_TEST(file.attribute("tarn_data_sha256") == "da7a");
  BOOST_TEST(file.attribute("tarn_thin") == "1");
  BOOST_TEST(file.attribute("tarn_build") == "");  // there is none
  BOOST_TEST(file.attribute("created_at").size() == 25);
  BOOST_TEST(file.config() == run.provenance.config);
  BOOST_TEST(file.attribute("tarn_config_sha256") ==  // from coreutils' sha256sum
             "0cdcd6ff07f6cfe176bc60f3b054984b199eb4228558895fc05ee7ddaeaa5c79");
}

BOOST_AUTO_TEST_CASE(a_reader_sees_the_draws_that_every_chain_has_while_the_run_goes_on) {
  const SmallRun run;
  io::ChainWriter writer = run.writer();
  const std::size_t first = batch_length(run.draws);
  run.write(writer, 0, 0, run.draws);
  run.write(writer, 1, 0, run.draws);
  BOOST_TEST(io::ChainFile(run.partial()).posterior().draws() == 0);
  run.write(writer, 2, 0, first);
  const io::ChainFile file(run.partial());
  BOOST_TEST(!file.complete());
  check_draws(file.posterior(), run.layout, {0, 1, 2}, first);
  run.write(writer, 2, first, run.draws);
  check_draws(file.posterior(), run.layout, {0, 1, 2}, first);  // as when it was opened
  writer.finish();
  check_draws(io::ChainFile(run.out()).posterior(), run.layout, {0, 1, 2}, run.draws);
}

BOOST_AUTO_TEST_CASE(a_run_that_stops_early_is_trimmed_to_what_all_chains_have) {
  const SmallRun run;
  io::ChainWriter writer = run.writer();
  run.write(writer, 0, 0, 250);
  run.write(writer, 1, 0, 131);
  run.write(writer, 2, 0, 200);
  BOOST_TEST(writer.finish().value() == run.out());
  BOOST_TEST(run.files() == 1);

  const io::ChainFile file(run.out());
  BOOST_TEST(!file.complete());
  BOOST_TEST(file.draws_requested() == 250);
  BOOST_TEST(file.config() == run.provenance.config);
  BOOST_TEST(file.attribute("tarn_seed") == "18446744073709551557");
  check_draws(file.posterior(), run.layout, {0, 1, 2}, 131);
  BOOST_TEST(file.posterior().layout().element_name(3, 1) == "r_group[g1,x]");
  Matrix lp(3 * 131, 1);
  file.statistics().read(0, 0, lp);
  BOOST_TEST(lp(131 + 130, 0) == value_at(1, 130, 0));
}

BOOST_AUTO_TEST_CASE(a_failed_chain_is_left_out_and_costs_the_others_nothing) {
  const SmallRun run;
  io::ChainWriter writer = run.writer();
  run.write(writer, 0, 0, 250);
  run.write(writer, 1, 0, 84);
  run.write(writer, 2, 0, 250);
  BOOST_TEST(writer.finish({1}).value() == run.out());
  const io::ChainFile file(run.out());
  BOOST_TEST(file.complete());
  check_draws(file.posterior(), run.layout, {0, 2}, 250);
}

BOOST_AUTO_TEST_CASE(a_run_without_a_draw_leaves_no_file) {
  const SmallRun run;
  {
    io::ChainWriter writer = run.writer();
    run.write(writer, 0, 0, 250);
    BOOST_TEST(!writer.finish());  // the other chains have nothing
  }
  BOOST_TEST(run.files() == 0);
  { const io::ChainWriter writer = run.writer(); }
  BOOST_TEST(run.files() == 0);
  {
    io::ChainWriter writer = run.writer();
    run.write(writer, 0, 0, 250);
    writer.discard();
  }
  BOOST_TEST(run.files() == 0);
}

BOOST_AUTO_TEST_CASE(a_writer_that_is_dropped_keeps_its_draws_in_the_partial_file) {
  const SmallRun run;
  {
    io::ChainWriter writer = run.writer();
    for (std::size_t chain = 0; chain < run.chains; ++chain) run.write(writer, chain, 0, 250);
  }
  BOOST_TEST(!std::filesystem::exists(run.out()));
  check_draws(io::ChainFile(run.partial()).posterior(), run.layout, {0, 1, 2}, 250);
}

BOOST_AUTO_TEST_CASE(a_batch_that_does_not_fit_is_a_bug_of_the_caller) {
  const SmallRun run;
  io::ChainWriter writer = run.writer();
  const std::size_t size = run.layout.size();
  BOOST_CHECK_THROW(writer.write(made_up_batch(size, 3, 3, 0, 5)), std::logic_error);
  BOOST_CHECK_THROW(writer.write(made_up_batch(size - 1, 3, 0, 0, 5)), std::logic_error);
  BOOST_CHECK_THROW(writer.write(made_up_batch(size, 2, 0, 0, 5)), std::logic_error);
  BOOST_CHECK_THROW(writer.write(made_up_batch(size, 3, 0, 5, 5)), std::logic_error);
  BOOST_CHECK_THROW(writer.write(made_up_batch(size, 3, 0, 0, 251)), std::logic_error);
}

BOOST_AUTO_TEST_CASE(the_data_of_a_fit_come_back_with_names_and_levels_as_they_were) {
  io::FitData data;
  data.table.rows = 4;
  data.table.columns = {
      {.name = "row", .numbers = {1, 2, 3, 4}},
      {.name = "größe, m", .numbers = {0.5, -1, 1e300, 2}},
      {.name = "g", .is_text = true, .codes = {0, 1, 1, 2}, .levels = {"b", "a", "京都"}},
      {.name = "g_level", .numbers = {4, 3, 2, 1}}};
  data.row_numbers = {1, 3, 4, 9};
  data.response = "log(y)";
  data.observed = Vector::LinSpaced(4, 0, 1.5);

  SmallRun run;
  run.provenance.data = std::make_shared<io::FitData>(data);
  {
    io::ChainWriter writer = run.writer();
    for (std::size_t chain = 0; chain < run.chains; ++chain) run.write(writer, chain, 0, 60);
    writer.finish();  // too early: a trimmed copy, which must hold the data, too
  }
  const auto read = io::ChainFile(run.out()).data();
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST(read->row_numbers == data.row_numbers);
  BOOST_TEST(read->response == data.response);
  BOOST_TEST((read->observed == data.observed));
  BOOST_TEST_REQUIRE(read->table.columns.size() == data.table.columns.size());
  for (std::size_t c = 0; c < data.table.columns.size(); ++c) {
    const Column& before = data.table.columns[c];
    const Column& after = read->table.columns[c];
    BOOST_TEST(after.name == before.name);
    BOOST_TEST(after.is_text == before.is_text);
    BOOST_TEST(after.numbers == before.numbers);
    BOOST_TEST(after.codes == before.codes);
    BOOST_TEST(after.levels == before.levels);
  }
}

BOOST_AUTO_TEST_CASE(a_file_without_data_says_so) {
  const SmallRun run;
  io::ChainWriter writer = run.writer();
  for (std::size_t chain = 0; chain < run.chains; ++chain) run.write(writer, chain, 0, run.draws);
  writer.finish();
  BOOST_TEST(!io::ChainFile(run.out()).data().has_value());
}
