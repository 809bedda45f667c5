// The table of functions that tarn does not have, with what to write instead.
#include "data/formula/language/unsupported.hpp"

#include <array>

#include <fmt/format.h>

namespace tarn::formula {
namespace {

struct Unsupported {
  std::string_view name;
  std::string_view sentence;
};

constexpr std::string_view smooth =
    "there are no smooths yet: {}() cannot be read; use bs(x, df = 5) or ns(x, df = 4), splines "
    "with a number of knots that you choose";
constexpr std::string_view surface =
    "there are no smooths of several variables yet: {}() cannot be read; use poly(x, z, degree = "
    "2), or a product of splines such as ns(x, df = 3) * ns(z, df = 3)";
constexpr std::string_view walk =
    "there are no random walks yet: {}() cannot be read; use ns(t, df = 5) for a trend that bends, "
    "or (1 | t) for independent deviations of the times";
constexpr std::string_view residuals =
    "there are no correlated residuals yet: {}() cannot be read; (1 | g) gives the rows of a group "
    "one correlation, and a column with the value before can be a covariate";
constexpr std::string_view space =
    "there are no spatial terms yet: {}() cannot be read; use (1 | region) for independent "
    "regions, or poly(x, y, degree = 2) for a trend of the coordinates";
constexpr std::string_view several =
    "one response is fitted at a time: {}() cannot be read; fit each response with a formula of "
    "its own, and join covariates by +";
constexpr std::string_view event =
    "there are no survival models: {}() cannot be read; where no time is censored, write log(time) "
    "~ ...";
constexpr std::string_view container =
    "a formula is taken as it is: write 'y ~ x + (1 | g)' without {}() around it";

constexpr std::array<Unsupported, 40> functions{{
    {"s", smooth},
    {"ti", surface},
    {"te", surface},
    {"t2", surface},
    {"lo", smooth},
    {"rw1", walk},
    {"rw2", walk},
    {"gp",
     "there are no Gaussian processes yet: {}() cannot be read; use ns(x, df = 5), or bs(x, df = "
     "6), with more df for faster changes"},
    {"ar", residuals},
    {"ar1", residuals},
    {"ma", residuals},
    {"arma", residuals},
    {"cosy", residuals},
    {"unstr", residuals},
    {"fcor", residuals},
    {"car", space},
    {"sar", space},
    {"mo",
     "there are no monotonic effects yet: {}() cannot be read; use factor(x), which gives each "
     "level a coefficient of its own, or as.numeric(x) for equal steps"},
    {"monotonic",
     "there are no monotonic effects yet: {}() cannot be read; use factor(x), which gives each "
     "level a coefficient of its own, or as.numeric(x) for equal steps"},
    {"me",
     "there are no errors in covariates yet: {}() cannot be read; use the column as it is, and "
     "expect its coefficient to be nearer 0 than it would be without the errors"},
    {"mi",
     "missing values are not estimated yet: {}() cannot be read; write the column without it, "
     "and rows that lack a value are dropped and counted"},
    {"mm",
     "there are no terms of multiple membership yet: {}() cannot be read; use (1 | g) with the "
     "group that a row belongs to most"},
    {"gr",
     "there are no options of groupings yet: {}() cannot be read; write (1 | g), or (1 | g:by) for "
     "groups that differ in the levels of another factor"},
    {"cs", "there are no ordinal responses yet: {}() cannot be read; write the term without it"},
    {"cbind", several},
    {"mvbind", several},
    {"Surv", event},
    {"bf", container},
    {"brmsformula", container},
    {"formula", container},
    {"as.formula", container},
    {"ordered",
     "no factor is coded by the order of its levels: {}() cannot be read; use factor(x), or "
     "poly(as.numeric(x), 2) for a trend over the levels"},
    {"as.ordered",
     "no factor is coded by the order of its levels: {}() cannot be read; use factor(x), or "
     "poly(as.numeric(x), 2) for a trend over the levels"},
    {"Error",
     "there are no error strata: {}() cannot be read; write a group term, (1 | g), for each "
     "stratum"},
    {"strata",
     "there are no strata: {}() cannot be read; write factor(g) for a coefficient of each stratum, "
     "or (1 | g)"},
    {"lag",
     "a row knows nothing of the row before: {}() cannot be read; make a column with the value "
     "before, and name it"},
    {"diff",
     "a row knows nothing of the row before: {}() cannot be read; make a column with the "
     "differences, and name it"},
    {"cumsum",
     "a row knows nothing of the row before: {}() cannot be read; make a column with the sums, and "
     "name it"},
    {"is.na",
     "rows with a missing value are dropped, so {}() would be FALSE in all of them; make a column "
     "that says where values are missing, and name it"},
    {"nl", "there are no formulas with parameters of their own: {}() cannot be read"},
}};

constexpr std::array<Unsupported, 11> additions{{
    {"cens",
     "there are no censored responses yet: {}() cannot be read; leave censored rows out only if "
     "nothing else can be done, since that biases what is estimated"},
    {"trunc",
     "there are no truncated responses yet: {}() cannot be read after the bar; where few values "
     "lie near the bound, write the response without it"},
    {"mi",
     "missing responses are not estimated yet: {}() cannot be read; write the response without it, "
     "and rows that lack it are dropped and counted; 'tarn predict' fills them in"},
    {"rate", "there are no counts yet: {}() cannot be read; write log(y / n) ~ ..."},
    {"cat", "there are no categorical responses yet: {}() cannot be read"},
    {"thres", "there are no ordinal responses yet: {}() cannot be read"},
    {"dec", "there are no models of decisions: {}() cannot be read"},
    {"subset", "{}() cannot be read; make a file with the rows that are meant"},
    {"index", "{}() cannot be read: one response is fitted at a time"},
    {"vreal", "{}() cannot be read: a model of your own reads its columns by name"},
    {"vint", "{}() cannot be read: a model of your own reads its columns by name"},
}};

template <std::size_t n>
std::string sentence_of(const std::array<Unsupported, n>& list, std::string_view name) {
  for (const Unsupported& entry : list) {
    if (entry.name == name) return fmt::format(fmt::runtime(entry.sentence), name);
  }
  return {};
}

}  // namespace

std::string unsupported_function(std::string_view name) { return sentence_of(functions, name); }

std::string unsupported_addition(std::string_view name) {
  const std::string sentence = sentence_of(additions, name);
  return sentence.empty() ? unsupported_function(name) : sentence;
}

}  // namespace tarn::formula
