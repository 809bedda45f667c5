// One trial (FAMILY.md).
#include "binomial/binomial.hpp"

namespace tarn::bernoulli {

struct Bernoulli : binomial::Binomial {
  static FamilyTraits traits() {
    return {.links = {Link::logit, Link::probit, Link::cloglog}, .response = ResponseKind::binary};
  }
};

}  // namespace tarn::bernoulli

TARN_PLUGIN("bernoulli", "0.5.0") {
  plugin.family<tarn::binomial::Successes<tarn::bernoulli::Bernoulli>>(
      "bernoulli", "0 or 1, or two values as text");
}
