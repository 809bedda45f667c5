// Where plugins are looked for, and which of them is chosen.
#define BOOST_TEST_MODULE registry
#include "tarn/registry.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <boost/test/unit_test.hpp>

#include "temporary_folder.hpp"

namespace fs = std::filesystem;
using tarn::Registry;
using tarn::test::TemporaryFolder;

namespace {

const Registry& honest() {
  static const Registry registry(std::array{fs::path(TARN_HONEST)});
  return registry;
}

tarn::Design design_with_groups() {
  tarn::Design design;
  design.groupings.push_back({"county", {"AITKIN", "ANOKA"}});
  return design;
}

/// Sets a variable of the environment for one test; no value: unsets it.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  ~Environment() { set(before_ ? before_->c_str() : nullptr); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  void set(const char* value) { value ? ::setenv(name_, value, 1) : ::unsetenv(name_); }

  const char* name_;
  std::optional<std::string> before_;
};

template <class Error>
auto says(std::string sentence) {
  return [sentence](const Error& error) {
    BOOST_TEST(error.what() == sentence);
    return error.what() == sentence;
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(folders)

BOOST_AUTO_TEST_CASE(are_those_given_then_the_variable_then_the_users_then_the_installed) {
  const TemporaryFolder given, listed, data;
  const std::string list = listed.path().string() + ":/no/such/place";
  const Environment path("TARN_PLUGIN_PATH", list.c_str());
  const Environment user("XDG_DATA_HOME", data.path().c_str());
  const std::vector<fs::path> expected{given.path(), listed.path(), "/no/such/place",
                                       data.path() / "tarn/plugins-4", fs::canonical(TARN_PLUGINS)};
  BOOST_TEST(tarn::plugin_folders(std::array{given.path()}) == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(never_follow_the_working_directory_by_default) {
  const Environment path("TARN_PLUGIN_PATH", ":.:plugins::../plugins:");
  const Environment data("XDG_DATA_HOME", "data");
  const Environment home("HOME", nullptr);
  const std::vector<fs::path> expected{fs::canonical(TARN_PLUGINS)};
  BOOST_TEST(tarn::plugin_folders({}) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_the_user_lie_in_the_home_where_xdg_says_nothing) {
  const Environment data("XDG_DATA_HOME", nullptr);
  const Environment home("HOME", "/home/somebody");
  BOOST_TEST(tarn::plugin_folders({}).front() == "/home/somebody/.local/share/tarn/plugins-4");
}

BOOST_AUTO_TEST_CASE(given_twice_are_searched_once) {
  const TemporaryFolder folder;
  const auto folders = tarn::plugin_folders(std::array{folder.path(), folder.path() / "."});
  BOOST_TEST(std::ranges::count(folders, folder.path()) == 1);
}

BOOST_AUTO_TEST_CASE(given_but_absent_are_a_usage_error) {
  BOOST_CHECK_EXCEPTION(
      tarn::plugin_folders(std::array{fs::path("/no/such/place")}), tarn::UsageError,
      says<tarn::UsageError>("--plugin-path '/no/such/place': there is no such folder"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(lookup)

BOOST_AUTO_TEST_CASE(finds_models_samplers_and_diagnostics_by_name) {
  BOOST_TEST(honest().plugins().size() == 3U);
  BOOST_TEST(honest().refused().empty());
  BOOST_TEST(honest().model("line").type->summary == "a mean without groups");
  BOOST_TEST(honest().model("line").plugin->name == "line");
  BOOST_TEST(honest().sampler("stroll").type->preference == 3);
  BOOST_TEST(honest().diagnostic("count").plugin->version == "1.0.0");
}

BOOST_AUTO_TEST_CASE(carries_over_what_the_class_declares) {
  const tarn::ModelType& line = *honest().model("line").type;
  BOOST_TEST(line.offers == std::vector<std::string>{"log_density/1"},
             boost::test_tools::per_element());
  BOOST_TEST(line.generality.value() == 0);
  BOOST_TEST(!line.reads_rows);
  BOOST_TEST(!honest().model("asked").type->generality.has_value());
}

BOOST_AUTO_TEST_CASE(makes_a_model_that_answers_to_its_capabilities) {
  tarn::Design design;
  design.response_scale = {.mean = 2, .sd = 1};
  const tarn::Priors priors;
  const tarn::Settings settings;
  const auto model = honest().model("line").type->make({design, priors, settings});
  BOOST_REQUIRE(tarn::query<tarn::LogDensity>(*model) != nullptr);
  BOOST_TEST(tarn::query<tarn::Gradient>(*model) == nullptr);
  const auto at = [&](double x) {
    return tarn::query<tarn::LogDensity>(*model)->log_density(tarn::Vector::Constant(1, x));
  };
  BOOST_TEST(at(2) - at(3) == 0.5, boost::test_tools::tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(of_a_misspelt_name_suggests_the_nearest) {
  BOOST_CHECK_EXCEPTION(
      honest().model("lin"), tarn::UsageError,
      says<tarn::UsageError>(
          "there is no model 'lin'; did you mean 'line'? known models: asked, groups, line"));
  BOOST_CHECK_EXCEPTION(
      honest().sampler("hamiltonian"), tarn::UsageError,
      says<tarn::UsageError>(
          "there is no sampler 'hamiltonian'; known samplers: stroll, sweep, walk"));
}

BOOST_AUTO_TEST_CASE(without_any_plugin_says_where_it_looked) {
  const TemporaryFolder empty;
  const Registry registry(std::array{empty.path()});
  BOOST_CHECK_EXCEPTION(
      registry.model("line"), tarn::PluginError,
      says<tarn::PluginError>(fmt::format("there is no plugin with a model in the plugin folders "
                                          "({}); is tarn installed as a whole?",
                                          empty.path().string())));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(choice)

BOOST_AUTO_TEST_CASE(of_the_model_takes_the_most_specific_that_accepts) {
  BOOST_TEST(honest().model_for(tarn::Design{}).type->name == "line");
  BOOST_TEST(honest().model_for(design_with_groups()).type->name == "groups");
}

BOOST_AUTO_TEST_CASE(of_the_model_gives_every_reason_when_none_accepts) {
  tarn::Design design = design_with_groups();
  design.known_errors = true;
  BOOST_CHECK_EXCEPTION(
      honest().model_for(design), tarn::InputError,
      says<tarn::InputError>("no model takes this formula:\n"
                             "  line: it takes no groups, and the formula has county\n"
                             "  groups: it estimates sigma, and the formula has se()"));
}

BOOST_AUTO_TEST_CASE(of_the_model_passes_over_those_that_do_not_declare_what_the_formula_has) {
  tarn::Design design;
  design.has_weights = true;
  BOOST_TEST(honest().model_for(design).type->name == "groups");
  design.has_offset = true;
  BOOST_TEST(honest().model_for(design).type->name == "groups");
  design.has_gaps = true;
  BOOST_CHECK_EXCEPTION(
      honest().model_for(design), tarn::InputError,
      says<tarn::InputError>(
          "no model takes this formula:\n"
          "  line: it does not declare that it takes weights(), and might ignore them\n"
          "  groups: it does not declare that it takes gaps between rows, and might ignore them: "
          "rows between those used were left out; where the order of rows means nothing, take them "
          "out of the file"));
}

BOOST_AUTO_TEST_CASE(of_a_model_that_declares_nothing_refuses_each_part) {
  const tarn::ModelType& asked = *honest().model("asked").type;
  BOOST_TEST(!asked.refuses(tarn::Design{}).has_value());
  tarn::Design offset, errors;
  offset.has_offset = true;
  errors.known_errors = true;
  BOOST_TEST(*asked.refuses(offset) ==
             "it does not declare that it takes offset(), and might ignore it");
  BOOST_TEST(*asked.refuses(errors) ==
             "it does not declare that it takes se(), and might ignore them");
}

BOOST_AUTO_TEST_CASE(of_the_sampler_takes_the_preferred_of_those_that_fit) {
  const tarn::ModelType& line = *honest().model("line").type;
  const std::vector<std::string> fitting{"stroll", "walk"};
  BOOST_TEST(honest().sampler_for(line).type->name == "stroll");
  BOOST_TEST(honest().samplers_fitting(line) == fitting, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_a_sampler_that_does_not_fit_names_those_that_do) {
  const tarn::ModelType& line = *honest().model("line").type;
  honest().check_fit(*honest().sampler("walk").type, line);
  BOOST_CHECK_EXCEPTION(
      honest().check_fit(*honest().sampler("sweep").type, line), tarn::PluginError,
      says<tarn::PluginError>(
          "sampler 'sweep' needs full_conditionals/1 and gradient/1, which model 'line' does not "
          "offer; samplers that fit it: stroll, walk"));
}

BOOST_AUTO_TEST_CASE(of_the_sampler_says_what_each_lacks_when_none_fits) {
  tarn::ModelType mute;
  mute.name = "mute";
  BOOST_CHECK_EXCEPTION(
      honest().sampler_for(mute), tarn::PluginError,
      says<tarn::PluginError>(
          "no sampler fits model 'mute':\n"
          "  sampler 'walk' needs log_density/1, which model 'mute' does not offer\n"
          "  sampler 'sweep' needs log_density/1, full_conditionals/1 and gradient/1, which model "
          "'mute' does not offer\n"
          "  sampler 'stroll' needs log_density/1, which model 'mute' does not offer"));
  BOOST_CHECK_EXCEPTION(
      honest().check_fit(*honest().sampler("walk").type, mute), tarn::PluginError,
      says<tarn::PluginError>("sampler 'walk' needs log_density/1, which model 'mute' does not "
                              "offer; no other sampler fits it"));
}

BOOST_AUTO_TEST_CASE(passes_on_what_a_plugin_throws_with_its_name) {
  tarn::Design design;
  design.response = "throw";
  BOOST_CHECK_EXCEPTION(
      honest().model_for(design), tarn::PluginError,
      says<tarn::PluginError>("model 'line' failed in refuses(): as the test asked"));
}

BOOST_AUTO_TEST_SUITE_END()
