// Nanoseconds of processor time per variate, beside Boost's with its 64-bit Mersenne Twister.
#include <algorithm>
#include <bit>
#include <ctime>
#include <functional>
#include <vector>

#include <fmt/format.h>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/gamma_distribution.hpp>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>

#include "tarn/rng.hpp"

namespace {

std::vector<double> values(8192);  // in the first-level cache, as the group effects of a piece are

/// Best of seven, since the machine may be shared.
double nanoseconds(const std::function<void()>& fill) {
  constexpr int blocks = 500;
  double best = 1e300;
  for (int repeat = 0; repeat < 7; ++repeat) {
    const std::clock_t start = std::clock();
    for (int i = 0; i < blocks; ++i) fill();
    best = std::min(best, 1e9 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return best / (static_cast<double>(blocks) * static_cast<double>(values.size()));
}

template <class Draw>
double each(const Draw& draw) {
  return nanoseconds([&] {
    for (double& x : values) x = draw();
  });
}

void show(const char* what, double ours, double boost) {
  fmt::print("{:24} {:8.2f} {:8.2f} {:8.1f}\n", what, ours, boost, boost / ours);
}

void show(const char* what, double ours) { fmt::print("{:24} {:8.2f}\n", what, ours); }

}  // namespace

int main() {
  tarn::Rng rng({1});
  boost::random::mt19937_64 mt(1);
  boost::random::normal_distribution<> normal;
  boost::random::exponential_distribution<> exponential;
  fmt::print("{:24} {:>8} {:>8} {:>8}\n", "ns per variate", "tarn", "Boost", "ratio");
  show("64 bits", each([&] { return std::bit_cast<double>(rng.bits()); }),
       each([&] { return std::bit_cast<double>(mt()); }));
  const double boost_normal = each([&] { return normal(mt); });
  show("normal, one at a time", each([&] { return rng.normal(); }), boost_normal);
  show("normal, in blocks", nanoseconds([&] { rng.normal(values); }), boost_normal);
  show("exponential", each([&] { return rng.exponential(); }),
       each([&] { return exponential(mt); }));
  for (const double shape : {0.5, 2.5, 50.0}) {
    boost::random::gamma_distribution<> gamma(shape);
    show(fmt::format("gamma, shape {:g}", shape).c_str(), each([&] { return rng.gamma(shape); }),
         each([&] { return gamma(mt); }));
  }
  std::uint64_t name = 0;
  show("a stream of 64 normals", 64 * nanoseconds([&] {
                                   for (std::size_t i = 0; i < values.size(); i += 64) {
                                     tarn::Rng(tarn::Stream{1, 0, tarn::Purpose::test, ++name})
                                         .normal({values.data() + i, 64});
                                   }
                                 }));
}
