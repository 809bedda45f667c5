// The density of what users state priors of.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tarn/coefficients.hpp"
#include "tarn/covariance.hpp"
#include "tarn/layout.hpp"

namespace tarn::power_scaling {

/// log p of the parameters that have priors of their own, in one draw. Group effects have none:
/// given their standard deviations they are part of the model, neither of the prior nor of the
/// likelihood (as in brms' lprior); so are groups' variances whose population is estimated.
class LogPrior {
 public:
  /// All must outlive this.
  LogPrior(const Design& design, const Priors& priors, const Layout& layout);

  double operator()(ConstVectorRef theta) const;

  /// Keys of priors whose parameter is not found in the layout: of models that tarn does not know.
  const std::vector<std::string>& unknown() const noexcept { return unknown_; }

 private:
  struct Group {
    GroupCovariance covariance;
    GroupCovariance::Place place;
  };
  struct Single {
    const ParameterPrior* prior;
    std::size_t block;  // of which every element has it
  };

  void find_coefficients(const Priors& priors);
  void find_groups(const Priors& priors);
  void find_variances(const Priors& priors);
  bool take(const Priors& priors, const std::string& key, const std::string& block);
  void know(const std::string& key) { known_.push_back(key); }

  const Design& design_;
  const Layout& layout_;
  std::optional<Coefficients> coefficients_;
  std::size_t b_ = 0;
  std::optional<std::size_t> sigma_;
  std::vector<Group> groups_;
  std::vector<Single> singles_;
  const ParameterPrior* typical_ = nullptr;  // of sqrt(scale / shape)
  std::size_t shape_ = 0;
  std::size_t scale_ = 0;
  std::vector<std::string> known_;
  std::vector<std::string> unknown_;
};

}  // namespace tarn::power_scaling
