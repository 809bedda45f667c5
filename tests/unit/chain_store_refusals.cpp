// What the chain store refuses, in which words, and that it leaves nothing half-made.
#define BOOST_TEST_MODULE chain_store_refusals
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>

#include <H5Cpp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/test/unit_test.hpp>

#include "made_up_draws.hpp"
#include "tarn/error.hpp"
#include "tarn/io/chain_store.hpp"
#include "temporary_folder.hpp"

using namespace tarn;
using namespace tarn::test;
namespace fs = std::filesystem;

namespace {

Layout layout_of(std::size_t elements) {
  Layout layout;
  layout.add({.name = "theta", .axes = {{"item", numbered_labels("i", elements)}}});
  return layout;
}

constexpr std::size_t elements = 20, chains = 2, draws = 120;

io::ChainWriter writer(const fs::path& out, bool force = false, std::size_t size = elements) {
  return {out, layout_of(size), {{"lp"}}, chains, draws, {.draws_requested = draws}, force};
}

void write_all(io::ChainWriter& to, std::size_t size = elements) {
  for (std::size_t chain = 0; chain < chains; ++chain) {
    write_draws(to, size, 1, chain, 0, draws, 60);
  }
}

fs::path finished_file(const TemporaryFolder& folder) {
  io::ChainWriter to = writer(folder.path() / "fit.h5");
  write_all(to);
  return to.finish().value();
}

std::ptrdiff_t files(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), {});
}

template <class Error>
void check_refusal(const std::function<void()>& attempt, const std::string& words) {
  BOOST_CHECK_EXCEPTION(attempt(), Error, [&](const Error& error) {
    const std::string said = error.what();
    BOOST_TEST(said.find(words) != std::string::npos, "'" << said << "' does not say " << words);
    return true;
  });
}

/// Runs `body` in a child process whose standard error goes to `log`; its exit status.
int in_child(const fs::path& log, const std::function<int()>& body) {
  std::cout.flush();
  const pid_t child = ::fork();
  if (child == 0) {
    if (std::freopen(log.c_str(), "w", stderr) == nullptr) std::_Exit(100);
    std::exit(body());  // with the library's own exit handlers
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 200;
}

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

/// The same with a file system of so many bytes on `folder`, seen by the child alone. Passes, with
/// a message, where a process may not mount one.
int on_small_disk(const fs::path& folder, const fs::path& log, std::size_t bytes,
                  const std::function<int()>& body) {
  constexpr int refused = 77;
  const int status = in_child(log, [&] {
    const std::string uid = "0 " + std::to_string(::getuid()) + " 1";
    const bool root = ::getuid() == 0;
    if (::unshare(root ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0) return refused;
    if (!root) std::ofstream("/proc/self/uid_map") << uid;
    const std::string size = "size=" + std::to_string(bytes);
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", folder.c_str(), "tmpfs", 0, size.c_str()) != 0) {
      return refused;
    }
    return body();
  });
  if (status != refused) return status;
  BOOST_TEST_MESSAGE("skipped: this process may not mount a file system");
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_existing_result_is_not_touched_without_force) {
  const TemporaryFolder folder;
  const fs::path out = folder.write("fit.h5", "an earlier result");
  check_refusal<UsageError>([&] { writer(out); }, "--force");
  BOOST_TEST(fs::file_size(out) == 17);
  BOOST_TEST(files(folder.path()) == 1);
}

BOOST_AUTO_TEST_CASE(force_replaces_a_result_only_when_the_new_one_is_complete) {
  const TemporaryFolder folder;
  const fs::path out = folder.write("fit.h5", "an earlier result");
  io::ChainWriter to = writer(out, true);
  write_all(to);
  BOOST_TEST(fs::file_size(out) == 17);
  to.finish();
  BOOST_TEST(io::ChainFile(out).posterior().draws() == draws);
  BOOST_TEST(files(folder.path()) == 1);
}

BOOST_AUTO_TEST_CASE(a_second_run_of_the_same_name_refuses_to_start) {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "fit.h5";
  io::ChainWriter first = writer(out);
  const std::string words =
      "another run is writing '" + out.string() + "'; wait for it, or choose another name with -o";
  check_refusal<IoError>([&] { writer(out); }, words);
  check_refusal<IoError>([&] { writer(out, true); }, words);  // nor does force destroy it
  write_all(first);
  first.finish();
  BOOST_TEST(io::ChainFile(out).complete());
  writer(out, true);  // now it may be replaced
}

BOOST_AUTO_TEST_CASE(what_a_killed_run_left_is_told_apart_from_a_run) {
  const TemporaryFolder folder, logs;
  const fs::path out = folder.path() / "fit.h5", partial = folder.path() / "fit.h5.partial";
  in_child(logs.path() / "log", [&]() -> int {
    io::ChainWriter to = writer(out);
    write_all(to);
    ::_exit(0);  // as after SIGKILL: no destructor runs
  });
  check_refusal<IoError>([&] { writer(out); },
                         "'" + partial.string() +
                             "' was left by a run that was killed, and no run is writing it; go "
                             "on with it (tarn resume " +
                             partial.string() + "), or replace it with --force");
  BOOST_TEST(io::ChainFile(partial).posterior().draws() > 0);
  io::ChainWriter to = writer(out, true);
  write_all(to);
  to.finish();
  BOOST_TEST(files(folder.path()) == 1);
}

BOOST_AUTO_TEST_CASE(an_output_that_appears_meanwhile_is_left_as_it_is) {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "fit.h5", partial = folder.path() / "fit.h5.partial";
  for (const std::size_t failed : {chains, std::size_t{0}}) {  // none: whole; the first: trimmed
    io::ChainWriter to = writer(out);
    write_all(to);
    folder.write("fit.h5", "somebody else's");
    check_refusal<IoError>([&] { to.finish({failed}); },
                           "'" + out.string() +
                               "' appeared while this was being written, and is left as it is; all "
                               "draws are safe in '" +
                               partial.string() + "': rename it");
    BOOST_TEST(fs::file_size(out) == 15);
    BOOST_TEST(io::ChainFile(partial).posterior().draws() == draws);
    fs::remove(out);
    fs::remove(partial);
  }
}

BOOST_AUTO_TEST_CASE(links_in_the_place_of_hidden_files_are_not_followed) {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "fit.h5", victim = folder.write("victim", "precious");
  for (const char* name : {".fit.h5.new", ".fit.h5.trimmed"}) {
    fs::create_symlink(victim, folder.path() / name);
  }
  io::ChainWriter to = writer(out);
  to.write(made_up_batch(elements, 1, 0, 0, 60));
  to.write(made_up_batch(elements, 1, 1, 0, 60));
  BOOST_TEST(to.finish().value() == out);
  BOOST_TEST(fs::file_size(victim) == 8);
  BOOST_TEST(files(folder.path()) == 2);

  fs::create_symlink(victim, folder.path() / ".b.h5.lock");
  check_refusal<IoError>([&] { writer(folder.path() / "b.h5"); },
                         "is a symbolic link, which locks do not follow; remove it");
  fs::create_symlink(victim, folder.path() / "c.h5.partial");
  check_refusal<IoError>([&] { writer(folder.path() / "c.h5"); }, "was left by a run");
  fs::create_symlink(folder.path() / "nowhere", folder.path() / "d.h5");
  check_refusal<UsageError>([&] { writer(folder.path() / "d.h5"); }, "exists");
  BOOST_TEST(fs::file_size(victim) == 8);
}

BOOST_AUTO_TEST_CASE(a_run_whose_file_was_replaced_does_not_publish_the_other_runs_draws) {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "fit.h5";
  io::ChainWriter first = writer(out);
  write_all(first);
  const fs::path partial = folder.path() / "fit.h5.partial";
  fs::remove(partial);
  folder.write("fit.h5.partial", "another's");
  check_refusal<IoError>([&] { first.finish(); }, "removed or replaced");
  first.discard();
  BOOST_TEST(!fs::exists(out));
  BOOST_TEST(fs::file_size(partial) == 9);
}

BOOST_AUTO_TEST_CASE(places_that_cannot_hold_a_file_are_named) {
  const TemporaryFolder folder;
  const fs::path file = folder.write("file", "");
  check_refusal<IoError>([&] { writer(folder.path() / "no" / "fit.h5"); }, "there is no folder");
  check_refusal<IoError>([&] { writer(folder.path()); }, "is a folder");
  check_refusal<IoError>([&] { writer(folder.path() / ""); }, "is a folder");
  check_refusal<IoError>([&] { writer(file / "fit.h5"); }, "is not a folder");
  check_refusal<IoError>([&] { writer("/proc/fit.h5"); }, "cannot write in folder '/proc'");
  BOOST_TEST(files(folder.path()) == 1);
}

BOOST_AUTO_TEST_CASE(nothing_to_store_is_a_usage_error) {
  const TemporaryFolder folder;
  const auto attempt = [&] {
    io::ChainWriter(folder.path() / "fit.h5", layout_of(1), {}, 4, 0, {}, false);
  };
  check_refusal<UsageError>(attempt, "at least one chain and one draw");
}

BOOST_AUTO_TEST_CASE(draws_that_exceed_the_disk_are_refused_before_any_is_written) {
  const TemporaryFolder folder;
  const auto attempt = [&] {
    io::ChainWriter(folder.path() / "fit.h5", layout_of(1000), {}, 4, 100'000'000'000'000'000, {},
                    false);
  };
  check_refusal<IoError>(attempt, "free some space");
  BOOST_TEST(files(folder.path()) == 0);
}

BOOST_AUTO_TEST_CASE(a_limit_on_the_size_of_files_is_found_before_the_first_draw) {
  const TemporaryFolder folder, logs;
  const int status = in_child(logs.path() / "log", [&] {
    const rlimit most{1'000'000, 1'000'000};
    ::setrlimit(RLIMIT_FSIZE, &most);
    try {
      writer(folder.path() / "fit.h5", false, 2000);
    } catch (const IoError& error) {
      return std::string(error.what()).find("may write 1.0 MB at most") != std::string::npos ? 0
                                                                                             : 1;
    }
    return 2;
  });
  BOOST_TEST(status == 0);
  BOOST_TEST(files(folder.path()) == 0);
}

BOOST_AUTO_TEST_CASE(a_disk_too_small_for_the_draws_is_found_before_the_first_draw) {
  const TemporaryFolder folder, logs;
  const fs::path log = logs.path() / "log";
  const int status = on_small_disk(folder.path(), log, 3'000'000, [&] {
    try {
      writer(folder.path() / "fit.h5", false, 2000);  // 3.8 MB
    } catch (const IoError& error) {
      const std::string said = error.what();
      return said.find("MB left; free some space") != std::string::npos && files(folder.path()) == 0
                 ? 0
                 : 1;
    }
    return 2;
  });
  BOOST_TEST(status == 0);
  BOOST_TEST(text_of(log) == "");  // HDF5 is silent
}

// The disk fills up at every stage of making a file but the first: when not even its first block
// can be written, HDF5 1.10.8 itself leaks some memory, which sanitizers report.
BOOST_AUTO_TEST_CASE(a_trimmed_copy_that_finds_no_room_leaves_the_partial_file_as_it_is) {
  const TemporaryFolder folder, logs;
  const fs::path out = folder.path() / "fit.h5", partial = folder.path() / "fit.h5.partial";
  const fs::path log = logs.path() / "log";
  for (std::uintmax_t left = 8192; left < 2'000'000; left = left * 3 / 2 + 4096) {
    const int status = on_small_disk(folder.path(), log, 8'000'000, [&] {
      io::ChainWriter to = writer(out, false, 2000);
      to.write(made_up_batch(2000, 1, 0, 0, 60));
      to.write(made_up_batch(2000, 1, 1, 0, 60));
      std::ofstream ballast(folder.path() / "ballast");
      const std::string page(4096, 'x');
      while (fs::space(folder.path()).available > left && ballast) (ballast << page).flush();
      try {
        to.finish();
        return 2;
      } catch (const IoError& error) {
        const std::string said = error.what();
        if (said.find("No space left on device; all draws are safe in") == std::string::npos)
          return 3;
      }
      // The draws, the ballast, and the lock while the writer lives.
      if (files(folder.path()) != 3 || io::ChainFile(partial).posterior().draws() != 60) return 4;
      return 0;
    });
    BOOST_TEST(status == 0, left << " bytes left: status " << status);
    BOOST_TEST(text_of(log) == "");  // HDF5 is silent
  }
}

BOOST_AUTO_TEST_CASE(files_that_are_no_chain_files_are_refused_in_words) {
  const TemporaryFolder folder;
  const auto open = [](const fs::path& file) { return [file] { io::ChainFile opened(file); }; };
  check_refusal<InputError>(open(folder.path() / "none.h5"), "there is no file");
  check_refusal<InputError>(open(folder.path()), "is a folder");
  check_refusal<InputError>(open(folder.write("empty.h5", "")), "not in HDF5 format");
  check_refusal<InputError>(open(folder.write("data.csv", "x,y\n1,2\n")), "not in HDF5 format");

  const fs::path plain = folder.path() / "plain.h5";
  H5::H5File(plain.string(), H5F_ACC_TRUNC).createGroup("posterior");
  check_refusal<InputError>(open(plain), "no attribute tarn_format_version");
}

BOOST_AUTO_TEST_CASE(a_file_cut_short_at_any_place_is_refused_or_read_but_never_misread) {
  const TemporaryFolder folder;
  const fs::path whole = finished_file(folder);
  const auto size = fs::file_size(whole);
  std::string bytes(size, '\0');
  std::ifstream(whole, std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(size));
  for (std::size_t part = 0; part < 64; ++part) {
    const fs::path cut =
        folder.write("cut.h5", std::string_view(bytes).substr(0, size * part / 64));
    BOOST_CHECK_THROW(io::ChainFile{cut}, InputError);
  }
  check_refusal<InputError>(
      [&] { io::ChainFile{folder.write("cut.h5", std::string_view(bytes).substr(0, size / 2))}; },
      "is cut short");
}

BOOST_AUTO_TEST_CASE(another_major_version_is_refused_and_another_minor_is_read) {
  const TemporaryFolder folder;
  const fs::path file = finished_file(folder);
  const auto declare = [&](const std::string& version) {
    H5::H5File changed(file.string(), H5F_ACC_RDWR);
    changed.removeAttr("tarn_format_version");
    const H5::StrType type(H5::PredType::C_S1, version.size() + 1);
    changed.createAttribute("tarn_format_version", type, H5::DataSpace(H5S_SCALAR))
        .write(type, version);
  };
  declare("2.0");
  check_refusal<InputError>([&] { io::ChainFile{file}; }, "version 2.0, and this tarn reads 1.x");
  declare("1.7");
  BOOST_TEST(io::ChainFile(file).posterior().draws() == draws);
}

BOOST_AUTO_TEST_CASE(an_attribute_of_variable_length_is_refused_unread) {
  const TemporaryFolder folder;
  const fs::path file = finished_file(folder);
  {
    H5::H5File changed(file.string(), H5F_ACC_RDWR);
    changed.removeAttr("tarn_format_version");
    const H5::StrType type(H5::PredType::C_S1, H5T_VARIABLE);
    changed.createAttribute("tarn_format_version", type, H5::DataSpace(H5S_SCALAR))
        .write(type, std::string("1.1"));
  }
  check_refusal<io::DamagedFile>(
      [&] { io::ChainFile{file}; },
      "is damaged: its attribute tarn_format_version is text of variable length, which chain files "
      "do not have; store it with a fixed length (in h5py as numpy.bytes_)");
}

BOOST_AUTO_TEST_CASE(a_file_without_its_groups_is_called_damaged) {
  for (const char* group : {"posterior", "sample_stats"}) {
    const TemporaryFolder folder;
    const fs::path file = finished_file(folder);
    H5::H5File(file.string(), H5F_ACC_RDWR).unlink(group);
    check_refusal<InputError>([&] { io::ChainFile{file}; },
                              std::string("its group '") + group + "' is missing");
  }
  for (const char* name : {"draws_done", "sampling_seconds"}) {
    const TemporaryFolder folder;
    const fs::path file = finished_file(folder);
    H5::H5File(file.string(), H5F_ACC_RDWR).openGroup("sample_stats").unlink(name);
    check_refusal<InputError>([&] { io::ChainFile{file}; }, name);
  }
}

BOOST_AUTO_TEST_CASE(variables_that_nothing_describes_are_called_damaged) {
  const TemporaryFolder folder;
  const fs::path file = finished_file(folder);
  {
    const hsize_t extent[] = {chains, draws};
    H5::H5File(file.string(), H5F_ACC_RDWR)
        .openGroup("posterior")
        .createDataSet("stray", H5::PredType::IEEE_F64LE, H5::DataSpace(2, extent));
  }
  check_refusal<InputError>(
      [&] { io::ChainFile{file}; },
      "'stray' in posterior says that it has more values than the file holds of it");
}

BOOST_AUTO_TEST_CASE(labels_that_cannot_be_stored_and_axes_that_disagree_are_refused) {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "fit.h5";
  Layout with_nul;
  with_nul.add({.name = "r", .axes = {{"g", {std::string("a\0b", 3), "c"}}}});
  check_refusal<InputError>([&] { io::ChainWriter(out, with_nul, {}, chains, draws, {}, false); },
                            "NUL byte");
  Layout with_giant;
  with_giant.add({.name = "r", .axes = {{"g", {std::string(2'000'000, 'a'), "c"}}}});
  check_refusal<InputError>([&] { io::ChainWriter(out, with_giant, {}, chains, draws, {}, false); },
                            "a label of 'g' is longer than 1 MB; shorten it in that column");
  Layout disagreeing;
  disagreeing.add({.name = "r", .axes = {{"g", {"a", "b"}}}});
  disagreeing.add({.name = "s", .axes = {{"g", {"a", "b", "c"}}}});
  check_refusal<PluginError>(
      [&] { io::ChainWriter(out, disagreeing, {}, chains, draws, {}, false); }, "other labels");
  BOOST_TEST(files(folder.path()) == 0);
}
