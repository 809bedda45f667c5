// Libraries that others could exchange are refused before any of their code runs.
#define BOOST_TEST_MODULE trust
#include <array>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <unistd.h>
#include <boost/test/unit_test.hpp>

#include "plugin_folder.hpp"

namespace fs = std::filesystem;
using tarn::Registry;
using namespace tarn::test;

BOOST_FIXTURE_TEST_SUITE(trust, NoWitness)

BOOST_AUTO_TEST_CASE(a_library_that_others_may_write_is_refused) {
  for (const auto others : {fs::perms::group_write, fs::perms::others_write}) {
    const PluginFolder folder;
    const fs::path file = folder.copy(lying("throws.so"));
    fs::permissions(file, fs::perms(0644) | others);
    const Registry registry = registry_of(folder.path());
    const std::string mode = others == fs::perms::group_write ? "664" : "646";
    BOOST_TEST(
        only_reason(registry) ==
        fmt::format("others may write the file '{0}' (mode {1}); forbid it: chmod go-w '{0}'",
                    file.string(), mode));
    BOOST_TEST(!lie_has_run());
    check_honest_serve(registry);
  }
}

BOOST_AUTO_TEST_CASE(all_libraries_in_a_folder_that_others_may_write_are_refused) {
  const PluginFolder open;
  const PluginFolder closed;
  fs::permissions(open.path(), fs::perms(0777));
  const Registry registry(std::array{open.path(), closed.path()});
  BOOST_TEST(registry.refused().size() == 3U);
  for (const tarn::RefusedPlugin& refused : registry.refused()) {
    BOOST_TEST(refused.reason ==
               fmt::format("others may write the folder '{0}' (mode 777); forbid it: chmod go-w "
                           "'{0}'",
                           open.path().string()));
  }
  check_honest_serve(registry);
}

BOOST_AUTO_TEST_CASE(a_folder_in_one_that_everybody_may_write_is_refused_unless_it_is_sticky) {
  const TemporaryFolder outer;
  const fs::path inner = outer.path() / "inner" / "plugins";
  fs::create_directories(inner);
  fs::copy_file(lying("throws.so"), inner / "throws.so");
  fs::permissions(outer.path(), fs::perms(0777));
  BOOST_TEST(
      only_reason(registry_of(inner)) ==
      fmt::format("everybody may write the folder '{0}' (mode 777) and so exchange what is in "
                  "it; forbid it: chmod o-w '{0}'",
                  outer.path().string()));
  BOOST_TEST(!lie_has_run());
  fs::permissions(outer.path(), fs::perms(01777));
  BOOST_TEST(!only_reason(registry_of(inner)).starts_with("everybody may write"));
}

BOOST_AUTO_TEST_CASE(a_link_is_judged_by_the_folder_that_it_points_into) {
  const TemporaryFolder open;
  const PluginFolder folder;
  fs::create_symlink(open.copy(lying("throws.so")), folder.path() / "link.so");
  fs::permissions(open.path(), fs::perms(0777));
  BOOST_TEST(only_reason(registry_of(folder.path())).starts_with("others may write the folder '"));
  BOOST_TEST(!lie_has_run());
}

BOOST_AUTO_TEST_CASE(a_library_of_another_user_is_refused,
                     *boost::unit_test::precondition([](boost::unit_test::test_unit_id) {
                       return boost::test_tools::assertion_result(::geteuid() == 0);
                     })) {
  const PluginFolder folder;
  const fs::path file = folder.copy(lying("throws.so"));
  BOOST_REQUIRE(::chown(file.c_str(), 12345, 12345) == 0);
  BOOST_TEST(only_reason(registry_of(folder.path())) ==
             fmt::format("the file '{}' belongs to another user (number 12345), neither to you nor "
                         "to root",
                         file.string()));
  BOOST_TEST(!lie_has_run());
}

BOOST_AUTO_TEST_SUITE_END()
