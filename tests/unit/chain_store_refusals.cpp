// What the chain store refuses, in which words, and that it leaves nothing half-made.
#define BOOST_TEST_MODULE chain_store_refusals
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/test/unit_test.hpp>

#include "small_chain_file.hpp"

using namespace tarn;
using namespace tarn::test;
namespace fs = std::filesystem;

namespace {

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
