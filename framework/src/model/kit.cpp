// What the kit's form of a family need not write in a header.
#include "tarn/family_of.hpp"

namespace tarn {

FamilyParameter family_parameter(std::string name, Support support, std::string describes,
                                 std::string default_prior, std::string reason) {
  FamilyParameter result;
  result.prior.keys = {name};
  result.prior.support = support;
  result.prior.default_prior = std::move(default_prior);
  result.prior.reason = std::move(reason);
  result.block.name = std::move(name);
  result.block.support = support;
  result.block.describes = std::move(describes);
  return result;
}

}  // namespace tarn
