// Reference data beside the checkout; tests say so and stop where it is absent.
#pragma once

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>

namespace tarn::test {

inline std::string shared(const std::string& path) { return TARN_SHARED_DIR "/" + path; }

/// For BOOST_AUTO_TEST_CASE's precondition: runs the case where the reference data is there.
inline boost::test_tools::assertion_result reference_is_there(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(std::filesystem::exists(TARN_SHARED_DIR));
  result.message() << "the reference data is not beside this checkout";
  return result;
}

}  // namespace tarn::test
