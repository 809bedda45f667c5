// Names, dimensions and chunks that a layout gets in a chain file.
#define BOOST_TEST_MODULE chain_schema
#include "chains/schema.hpp"

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "made_up_draws.hpp"

using namespace tarn;
using namespace tarn::io;
using tarn::test::numbered_labels;

namespace {

using Texts = std::vector<std::string>;

Texts variables(const GroupSchema& group) {
  Texts names;
  for (const Variable& variable : group.variables) names.push_back(variable.name);
  return names;
}

Texts dimensions(const GroupSchema& group, std::size_t variable) {
  Texts names;
  for (const std::size_t index : group.variables.at(variable).dimensions) {
    names.push_back(group.dimensions.at(index).name);
  }
  return names;
}

Block block(const std::string& name, std::vector<std::string> axes) {
  Block made{.name = name};
  for (const std::string& axis : axes) made.axes.push_back({axis, numbered_labels(axis, 3)});
  return made;
}

}  // namespace

BOOST_AUTO_TEST_CASE(names_become_letters_digits_and_underscores_and_stay_distinct) {
  Layout layout;
  for (const char* name : {"a b", "a.b", "a_b", "é", "2x", "_y", "chain", "draw"}) {
    layout.add({.name = name});
  }
  const Texts expected{"a_b", "a_b_2", "a_b_3", "x__", "x2x", "x_y", "chain_2", "draw_2"};
  BOOST_TEST(variables(schema_of(layout)) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(statistics_keep_away_from_the_names_of_the_store_itself) {
  const GroupSchema group = schema_of(std::vector<Statistic>{{"lp"}, {"draws_done"}, {"chain"}});
  const Texts expected{"lp", "draws_done_2", "chain_2"};
  BOOST_TEST(variables(group) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_dimension_never_shares_its_name_with_a_variable) {
  Layout layout;
  layout.add(block("r_b", {"b"}));
  layout.add(block("r_sigma", {"sigma", "chain"}));
  layout.add({.name = "b"});
  layout.add({.name = "sigma"});
  const GroupSchema group = schema_of(layout);
  BOOST_TEST(dimensions(group, 0) == Texts{"b_level"}, boost::test_tools::per_element());
  BOOST_TEST(dimensions(group, 1) == (Texts{"sigma_level", "chain_level"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_axis_that_occurs_twice_in_a_variable_gets_a_second_dimension) {
  Layout layout;
  layout.add(block("cor_g", {"g_term", "g_term"}));
  layout.add(block("r_g", {"g", "g_term"}));
  layout.add(block("cube", {"g", "g", "g"}));
  const GroupSchema group = schema_of(layout);
  BOOST_TEST(dimensions(group, 0) == (Texts{"g_term", "g_term_2"}),
             boost::test_tools::per_element());
  BOOST_TEST(dimensions(group, 1) == (Texts{"g", "g_term"}), boost::test_tools::per_element());
  BOOST_TEST(dimensions(group, 2) == (Texts{"g", "g_2", "g_3"}), boost::test_tools::per_element());
  BOOST_TEST(group.dimensions.size() == 5);
}

BOOST_AUTO_TEST_CASE(axes_whose_plain_names_meet_stay_apart) {
  Layout layout;
  layout.add(block("r", {"a b"}));
  layout.add(block("s", {"a:b"}));
  const GroupSchema group = schema_of(layout);
  BOOST_TEST(dimensions(group, 0) == Texts{"a_b"}, boost::test_tools::per_element());
  BOOST_TEST(dimensions(group, 1) == Texts{"a_b_2"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(axes_without_a_name_are_numbered_per_variable) {
  Layout layout;
  layout.add({.name = "Sigma", .axes = {{"", {"0", "1"}}, {"", {"0", "1"}}}});
  const GroupSchema group = schema_of(layout);
  BOOST_TEST(dimensions(group, 0) == (Texts{"Sigma_dim_0", "Sigma_dim_1"}),
             boost::test_tools::per_element());
  BOOST_TEST(group.dimensions[0].labels.empty());
  BOOST_TEST(group.dimensions[0].length == 2);
}

BOOST_AUTO_TEST_CASE(chunks_are_about_100_draws_of_100_elements_with_little_overhang) {
  const auto check = [](const Extent& extent, const Extent& expected) {
    BOOST_TEST(chunk_of(extent) == expected, boost::test_tools::per_element());
  };
  check({4, 1000}, {});  // scalars and up to eight elements lie in one piece
  check({4, 1000, 2, 2, 2}, {});
  check({4, 1000, 9}, {1, 100, 9});
  check({4, 2500, 10000}, {1, 100, 100});
  check({4, 250, 101}, {1, 84, 51});
  check({4, 7, 1000, 3}, {1, 7, 33, 3});
  check({4, 100, 5, 150}, {1, 100, 1, 75});
  check({4, 100, 20, 100}, {1, 100, 1, 100});
  check({4, 100, 20, 1, 50}, {1, 100, 2, 1, 50});
}

BOOST_AUTO_TEST_CASE(every_support_comes_back_from_its_transform) {
  for (const Support support :
       {Support::real, Support::positive, Support::unit_interval, Support::minus_one_to_one,
        Support::simplex, Support::ordered, Support::correlation, Support::covariance}) {
    BOOST_TEST((support_of(transform_of(support)) == support), to_string(support));
  }
  BOOST_TEST(transform_of(Support::minus_one_to_one) == "atanh");
  BOOST_TEST(transform_of(Support::ordered) == "log_steps");
}
