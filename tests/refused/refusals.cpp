// Each lie gets its message, runs no code where the bytes of its file show it, and never harms the
// honest plugins beside it.
#define BOOST_TEST_MODULE refusals
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "plugin/elf_file.hpp"
#include "plugin_folder.hpp"

namespace fs = std::filesystem;
using tarn::PluginError;
using tarn::Registry;
using namespace tarn::test;

namespace {

/// When a lie is found out: before or after the library is loaded.
enum class Found { before_loading, after_loading };

struct Lie {
  std::string library;
  Found found;
  std::string reason;  // {} stands for the folder that the lie lies in
};

std::ostream& operator<<(std::ostream& out, const Lie& lie) { return out << lie.library; }

const std::vector<Lie> lies = {
    {"newer_major", Found::before_loading,
     "built for plugin ABI 5.0, this tarn has 4.0; rebuild it against this tarn's headers"},
    {"newer_minor", Found::before_loading,
     "needs plugin ABI 4.7, this tarn has 4.0; use a newer tarn, or rebuild it against this "
     "tarn's headers"},
    {"alignment", Found::before_loading,
     "built with another Eigen alignment (EIGEN_MAX_ALIGN_BYTES): '16', this tarn has '32'; "
     "rebuild it with the flags that tarn_add_plugin() sets"},
    {"debug_library", Found::before_loading,
     "built with another C++ standard library's debug mode: 'on', this tarn has 'off'; rebuild it "
     "with the flags that tarn_add_plugin() sets"},
    {"other_library", Found::before_loading,
     "built with another C++ standard library: 'libc++-1', this tarn has 'libstdc++-cxx11-1'; "
     "rebuild it with the flags that tarn_add_plugin() sets"},
    {"other_eigen", Found::before_loading,
     "built with another Eigen version: '5.0', this tarn has '3.4'; rebuild it with the flags "
     "that tarn_add_plugin() sets"},
    {"other_headers", Found::before_loading,
     "built against other headers: what crosses has layout ?, this tarn's has ?; rebuild it "
     "against this tarn's headers"},
    {"no_stamp", Found::before_loading,
     "not a tarn plugin: a shared library without a stamp (a plugin ends in TARN_PLUGIN)"},
    {"two_stamps", Found::before_loading,
     "not a tarn plugin: its section .tarn_stamp does not hold one stamp"},
    {"damaged_stamp", Found::before_loading,
     "not a tarn plugin: its section .tarn_stamp does not hold one stamp"},
    {"no_entry", Found::before_loading, "it exports no descriptor 'tarn_plugin_v4'"},
    {"larger", Found::before_loading,
     "its descriptor 'tarn_plugin_v4' has 56 bytes, this tarn's has 48"},
    {"says_larger", Found::after_loading,
     "its descriptor says it has 4096 bytes, this tarn's has 48"},
    {"other_stamp", Found::after_loading, "the stamp in its descriptor is not the one in the file"},
    {"other_virtuals", Found::after_loading,
     "built against headers whose classes have other virtual functions; rebuild it against this "
     "tarn's headers"},
    {"empty", Found::after_loading,
     "its descriptor lacks a name, a version or the functions of TARN_PLUGIN"},
    {"unresolved", Found::before_loading,
     "nothing defines 'tarn::no_such_density(double, std::vector<int, std::allocator<int> > "
     "const&)', which it uses; link it with the library that does"},
    {"lacks_library", Found::before_loading,
     "it needs the library 'libabsent.so', which is not found"},
    {"throws", Found::after_loading,
     "plugin 'throws' throws while registering: the licence has expired"},
    {"throws_a_number", Found::after_loading,
     "plugin 'throws_a_number' throws while registering: an exception of type int"},
    {"nothing", Found::after_loading,
     "it registers nothing: no family, model, sampler, diagnostic or density"},
    {"taken_density", Found::after_loading, "density 'normal' is already there, from tarn itself"},
    {"half_density", Found::after_loading, "density 'half_done' lacks log_density, score or draw"},
    {"twice", Found::after_loading, "it registers diagnostic 'echo' twice"},
    {"bad_name", Found::after_loading,
     "it names a diagnostic 'Bad name'; a name is a small letter, then small letters, digits and "
     "'_'"},
    {"taken", Found::after_loading, "diagnostic 'count' is already there, from '{}/count.so'"},
    {"same_plugin", Found::after_loading, "plugin 'count' is already there, from '{}/count.so'"},
};

/// Hashes of layouts change with the headers.
std::string without_hashes(const std::string& text) {
  return std::regex_replace(text, std::regex("[0-9a-f]{16}"), "?");
}

std::string reason_for_loading(const fs::path& file) {
  try {
    Registry::load(file);
  } catch (const PluginError& error) {
    return error.what();
  }
  return "nothing wrong";
}

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(refusals, NoWitness)

BOOST_DATA_TEST_CASE(each_lie_is_refused_with_its_reason_and_harms_nobody, lies, lie) {
  const PluginFolder folder;
  // Last by name, so that what it claims is already taken.
  fs::copy_file(lying(lie.library + ".so"), folder.path() / ("zz_" + lie.library + ".so"));
  const Registry registry = registry_of(folder.path());
  std::string expected = lie.reason;
  if (const auto at = expected.find("{}"); at != std::string::npos) {
    expected.replace(at, 2, folder.path().string());
  }
  BOOST_TEST(without_hashes(only_reason(registry)) == expected);
  BOOST_TEST(registry.refused().front().file == folder.path() / ("zz_" + lie.library + ".so"));
  BOOST_TEST(lie_has_run() == (lie.found == Found::after_loading));
  check_honest_serve(registry);
}

BOOST_AUTO_TEST_CASE(a_stripped_plugin_serves_as_well) {
  const TemporaryFolder folder;
  const fs::path file = folder.copy(honest("line.so"));
  BOOST_REQUIRE(std::system((TARN_STRIP " " + file.string()).c_str()) == 0);
  BOOST_REQUIRE(fs::file_size(file) < fs::file_size(honest("line.so")));
  BOOST_TEST(registry_of(folder.path()).model("line").plugin->file == file);
}

BOOST_AUTO_TEST_CASE(all_lies_at_once_leave_the_honest_plugins_working) {
  const PluginFolder folder;
  for (const Lie& lie : lies) {
    fs::copy_file(lying(lie.library + ".so"), folder.path() / ("zz_" + lie.library + ".so"));
  }
  const Registry registry = registry_of(folder.path());
  BOOST_TEST(registry.refused().size() == lies.size());
  check_honest_serve(registry);
}

BOOST_AUTO_TEST_CASE(loading_one_file_throws_its_reason_with_its_name) {
  const TemporaryFolder folder;
  const fs::path file = folder.copy(lying("newer_major.so"));
  BOOST_TEST(reason_for_loading(file) ==
             fmt::format("plugin file '{}' is refused: built for plugin ABI 5.0, this tarn has "
                         "4.0; rebuild it against this tarn's headers",
                         file.string()));
  BOOST_TEST(!lie_has_run());
}

BOOST_AUTO_TEST_CASE(libraries_of_one_role_are_loaded_when_they_are_asked_for) {
  const TemporaryFolder folder;
  const fs::path inside = folder.path() / "diagnostics";
  fs::create_directory(inside);
  fs::copy_file(honest("count.so"), inside / "count.so");
  // Its code runs as soon as it is loaded.
  fs::copy_file(lying("nothing.so"), inside / "zz_nothing.so");
  const Registry registry = registry_of(folder.path());
  BOOST_TEST(registry.diagnostic("count").plugin->file == inside / "count.so");
  BOOST_TEST(registry.refused_so_far().empty());
  BOOST_TEST(!lie_has_run());
  BOOST_TEST(registry.plugins().size() == 1U);
  BOOST_TEST(lie_has_run());
  BOOST_TEST(registry.refused().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_library_of_one_role_may_have_any_file_name) {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "diagnostics");
  fs::copy_file(honest("count.so"), folder.path() / "diagnostics" / "other.so");
  BOOST_TEST(registry_of(folder.path()).diagnostic("count").plugin->name == "count");
}

BOOST_AUTO_TEST_CASE(a_library_in_the_folder_of_another_role_is_refused) {
  const TemporaryFolder folder;
  for (const char* role : {"families", "diagnostics"}) {
    fs::create_directory(folder.path() / role);
    fs::copy_file(honest("line.so"), folder.path() / role / "line.so");
  }
  const Registry registry = registry_of(folder.path());
  BOOST_REQUIRE(registry.refused().size() == 2U);
  BOOST_TEST(registry.refused().front().reason ==
             fmt::format("it is in the folder 'families' and registers more than that; put it into "
                         "'{}'",
                         folder.path().string()));
  BOOST_CHECK_THROW(registry.model("line"), PluginError);
}

BOOST_AUTO_TEST_CASE(a_refused_library_that_is_asked_for_by_name_answers_with_its_reason) {
  const PluginFolder folder;
  const fs::path file = folder.copy(lying("newer_minor.so"));
  const std::string sentence = fmt::format(
      "model 'newer_minor' cannot be used, for '{}' is refused: needs plugin ABI 4.7, this tarn "
      "has 4.0; use a newer tarn, or rebuild it against this tarn's headers",
      file.string());
  BOOST_CHECK_EXCEPTION(registry_of(folder.path()).model("newer_minor"), PluginError,
                        [&](const PluginError& error) { return error.what() == sentence; });
}

BOOST_AUTO_TEST_CASE(a_text_file_is_not_a_plugin) {
  const PluginFolder folder;
  folder.write("text.so", "INPUT(libtarn.so)\n");
  const Registry registry = registry_of(folder.path());
  BOOST_TEST(only_reason(registry) == "not a tarn plugin: the file is not a shared library");
  check_honest_serve(registry);
}

BOOST_AUTO_TEST_CASE(an_empty_file_is_not_a_plugin) {
  const PluginFolder folder;
  folder.write("nil.so", "");
  BOOST_TEST(only_reason(registry_of(folder.path())) ==
             "not a tarn plugin: the file is not a shared library");
}

BOOST_AUTO_TEST_CASE(a_folder_with_the_name_of_a_library_is_not_a_plugin) {
  const PluginFolder folder;
  fs::create_directory(folder.path() / "folder.so");
  BOOST_TEST(only_reason(registry_of(folder.path())) == "not a tarn plugin: not a file");
}

BOOST_AUTO_TEST_CASE(a_pipe_with_the_name_of_a_library_does_not_hang) {
  const PluginFolder folder;
  BOOST_REQUIRE(::mkfifo((folder.path() / "pipe.so").c_str(), 0600) == 0);
  BOOST_TEST(only_reason(registry_of(folder.path())) == "not a tarn plugin: not a file");
}

BOOST_AUTO_TEST_CASE(a_link_to_nowhere_is_refused) {
  const PluginFolder folder;
  fs::create_symlink("gone.so", folder.path() / "link.so");
  BOOST_TEST(only_reason(registry_of(folder.path())) ==
             "the file cannot be read: No such file or directory");
}

BOOST_AUTO_TEST_CASE(an_object_file_is_not_a_plugin) {
  const PluginFolder folder;
  std::string bytes = bytes_of(honest("count.so"));
  bytes[16] = ET_REL;  // e_type follows the 16 bytes of e_ident
  folder.write("object.so", bytes);
  BOOST_TEST(only_reason(registry_of(folder.path())) ==
             "not a tarn plugin: an object file or a program, not a shared library");
}

BOOST_AUTO_TEST_CASE(a_library_for_another_processor_is_refused) {
  const PluginFolder folder;
  std::string bytes = bytes_of(honest("count.so"));
  bytes[18] = bytes[18] == char(EM_RISCV) ? char(EM_X86_64) : char(EM_RISCV);  // e_machine
  folder.write("foreign.so", bytes);
  BOOST_TEST(only_reason(registry_of(folder.path()))
                 .starts_with("built for another kind of processor: RISC-V, this tarn for "));
}

BOOST_AUTO_TEST_CASE(a_truncated_file_is_refused_wherever_it_ends) {
  const std::string whole = bytes_of(honest("line.so"));
  for (const std::size_t length :
       {std::size_t{5}, std::size_t{16}, std::size_t{63}, std::size_t{64}, std::size_t{1000},
        whole.size() / 4, whole.size() / 2, 3 * whole.size() / 4, whole.size() - 1}) {
    BOOST_TEST_CONTEXT(length << " of " << whole.size() << " bytes") {
      const TemporaryFolder folder;
      folder.write("line.so", std::string_view(whole).substr(0, length));
      BOOST_TEST(only_reason(registry_of(folder.path())) ==
                 fmt::format("truncated or damaged: the file has {} bytes, but its tables point "
                             "beyond them; copy or build it again",
                             length));
    }
  }
}

BOOST_AUTO_TEST_CASE(reading_a_damaged_file_answers_or_refuses_but_never_crashes) {
  const std::string whole = bytes_of(honest("count.so"));
  const auto sections_at = whole.size() - 40 * 64;  // the table of about 30 sections is at the end
  std::mt19937_64 random(1);
  int refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = whole;
    for (int flip = 0; flip < 3; ++flip) {
      const bool in_header = random() % 2 == 0;
      const auto at = in_header ? random() % 0x200 : sections_at + random() % (40 * 64);
      bytes[at] = static_cast<char>(random());
    }
    const TemporaryFolder folder;
    try {
      tarn::ElfFile elf(folder.write("damaged.so", bytes));
      elf.section(".tarn_stamp");
      elf.exported_variable("tarn_plugin_v4");
    } catch (const PluginError&) {
      ++refused;
    }
  }
  // Most fields of the tables are offsets and sizes; a random one rarely fits into the file.
  BOOST_TEST(refused > 500);
}

BOOST_AUTO_TEST_CASE(the_first_of_two_plugins_with_one_name_wins) {
  const PluginFolder first;
  const PluginFolder second;
  const Registry registry(std::array{first.path(), second.path()});
  BOOST_TEST(registry.model("line").plugin->file == first.path() / "line.so");
  BOOST_REQUIRE(registry.refused().size() == 3U);
  BOOST_TEST(registry.refused()[1].file == second.path() / "line.so");
  BOOST_TEST(
      registry.refused()[1].reason ==
      fmt::format("plugin 'line' is already there, from '{}/line.so'", first.path().string()));
  check_honest_serve(registry);
}

BOOST_AUTO_TEST_SUITE_END()
