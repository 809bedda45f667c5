// What the elements of a draw are, by the names of tarn's own blocks.
#define BOOST_TEST_MODULE subjects
#include <boost/test/unit_test.hpp>

#include "tarn/design.hpp"
#include "tarn/prior.hpp"

BOOST_AUTO_TEST_CASE(elements_of_a_draw_are_known_for_what_they_are) {
  using tarn::Subject;
  using Kind = Subject::Kind;
  using tarn::Support;
  tarn::Design design;
  design.groupings = {{"g", {"1", "2"}}, {"g_a", {"1", "2"}}};
  const auto is = [&](const tarn::Block& block, std::size_t element) {
    return tarn::subject_of(design, block, element);
  };
  const tarn::Axis terms{"g_term", {"Intercept", "x"}};
  BOOST_TEST(
      (is({"b", {{"coefficient", {"Intercept", "x"}}}}, 1) == Subject{Kind::coefficient, "x", {}}));
  BOOST_TEST((is({"sigma"}, 0) == Subject{Kind::residual_sd}));
  BOOST_TEST((is({"sd_g", {terms}}, 1) == Subject{Kind::group_sd, "x", "g"}));
  BOOST_TEST(
      (is({"sigma_g_a", {{"g_a", {"1", "2"}}}}, 1) == Subject{Kind::residual_sd, {}, "g_a"}));
  const Subject of_g{Kind::group_correlation, {}, "g"};
  BOOST_TEST((is({"cor_g", {terms, terms}, Support::correlation}, 1) == of_g));
  BOOST_TEST((is({"cor_g_2", {terms, terms}, Support::correlation}, 1) == of_g));
  // Another factor, whose name begins with that of the first.
  BOOST_TEST((is({"cor_g_a", {terms, terms}, Support::correlation}, 1) ==
              Subject{Kind::group_correlation, {}, "g_a"}));
  BOOST_TEST((is({"r_g", {terms}}, 0) == Subject{}));
  BOOST_TEST((is({"shape", {}}, 0) == Subject{}));
}
