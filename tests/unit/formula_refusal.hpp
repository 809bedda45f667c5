// The table that refusals are shown on, and how they are checked word by word.
#pragma once

#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <vector>

#include "formula_table.hpp"

namespace tarn::test {

inline std::shared_ptr<Table> small() {
  return table_of({{"y", std::vector<double>{1, 2, 4, 3, 7, 5}},
                   {"x", std::vector<double>{0.5, 1.5, -1, 2, 3, 8}},
                   {"z", std::vector<double>{2, 1, 3, 5, 4, 9}},
                   {"k", std::vector<double>{1, 1, 2, 2, 3, 3}},
                   {"g", std::vector<std::string>{"a", "b", "a", "b", "a", "b"}},
                   {"one", std::vector<std::string>{"a", "a", "a", "a", "a", "a"}},
                   {"id", std::vector<double>{1, 2, 3, 4, 5, 6}},
                   {"flat", std::vector<double>{3, 3, 3, 3, 3, 3}}});
}

struct Refusal {
  std::string formula;
  std::string message;
};

inline void check(const std::vector<Refusal>& refusals) {
  const auto table = small();
  for (const Refusal& refusal : refusals) {
    BOOST_TEST_CONTEXT(refusal.formula) {
      BOOST_TEST(message_of(refusal.formula, table) == refusal.message);
    }
  }
}

}  // namespace tarn::test
