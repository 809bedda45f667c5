// Files that are no chain files, or damaged ones: refused in words, never misread.
#define BOOST_TEST_MODULE chain_store_damage
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <H5Cpp.h>
#include <boost/test/unit_test.hpp>

#include "small_chain_file.hpp"

using namespace tarn;
using namespace tarn::test;
namespace fs = std::filesystem;

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
