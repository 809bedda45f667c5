// The stamp of plugins: what it says of the headers, and that no change of them goes unnoticed.
#define BOOST_TEST_MODULE abi
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

#include <boost/test/unit_test.hpp>

#include "tarn/plugin.hpp"

namespace {

std::string read(const std::string& header) {
  std::ifstream in(TARN_HEADERS + header);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::size_t count(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  return static_cast<std::size_t>(
      std::distance(std::sregex_iterator(text.begin(), text.end(), regex), {}));
}

}  // namespace

// Where one of these fails, plugins must be built again: raise TARN_ABI_MAJOR in abi.hpp, and
// record the new numbers here and in docs/plugin-abi.md.
BOOST_AUTO_TEST_CASE(what_crosses_is_that_of_its_version) {
  BOOST_TEST(TARN_ABI_MAJOR == 4);
  BOOST_TEST(TARN_ABI_MINOR == 0);
  BOOST_TEST(tarn::abi::layout() == 0x78f3b7dd6fb14ca2u);
  BOOST_TEST(tarn::abi::virtuals() == 0x337eb977987a51d5u);
}

BOOST_AUTO_TEST_CASE(the_stamp_ends_in_the_layout) {
  static constexpr auto stamp = TARN_ABI_STAMP;
  BOOST_TEST(std::string(stamp.data()).ends_with(" layout=78f3b7dd6fb14ca2"));
  BOOST_TEST(stamp.back() == '\0');
}

BOOST_AUTO_TEST_CASE(every_virtual_function_of_a_role_is_counted) {
  std::size_t declared = 0;
  for (const char* header :
       {"model.hpp", "sampler.hpp", "diagnostic.hpp", "draws.hpp", "rows.hpp", "family.hpp"}) {
    declared += count(read(header), "\\n *virtual [^~]");
  }
  const std::string layout = read("abi_layout.hpp");
  const auto first = layout.find("inline std::uint64_t virtuals()");
  BOOST_TEST(count(layout.substr(first), "&[A-Z][A-Za-z]*::[a-z_]+") == declared);
}

BOOST_AUTO_TEST_CASE(another_member_another_place_and_another_size_are_another_layout) {
  const auto hash = [](std::size_t size, std::initializer_list<std::size_t> offsets) {
    tarn::abi::Hash sum;
    tarn::abi::add_layout(sum, size, 8, offsets);
    return sum.value();
  };
  const auto before = hash(32, {0, 8, 16});
  BOOST_TEST(hash(32, {0, 8, 16}) == before);
  BOOST_TEST(hash(40, {0, 8, 16}) != before);
  BOOST_TEST(hash(32, {0, 16, 8}) != before);
  BOOST_TEST(hash(32, {0, 8, 16, 24}) != before);
}
