// The one header of a plugin.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tarn/abi.hpp"
#include "tarn/coefficients.hpp"
#include "tarn/covariance.hpp"
#include "tarn/density.hpp"
#include "tarn/design.hpp"
#include "tarn/diagnostic.hpp"
#include "tarn/distributions.hpp"
#include "tarn/draws.hpp"
#include "tarn/error.hpp"
#include "tarn/family.hpp"
#include "tarn/figure.hpp"
#include "tarn/layout.hpp"
#include "tarn/model.hpp"
#include "tarn/normal_rows.hpp"
#include "tarn/pareto.hpp"
#include "tarn/prior.hpp"
#include "tarn/rng.hpp"
#include "tarn/sampler.hpp"
#include "tarn/scale.hpp"
#include "tarn/settings.hpp"
#include "tarn/target.hpp"
#include "tarn/tuning.hpp"
#include "tarn/walk.hpp"

namespace tarn {

/// Why something that takes these parts cannot have the design, or nothing.
std::optional<std::string> not_taken(const std::vector<Takes>& takes, const Design& design);

/// Why a model with a likelihood of its own cannot have the design, or nothing.
std::optional<std::string> needs_gaussian(const Design& design);

/// A family as its plugin declares it.
struct FamilyType {
  std::string name;
  std::string summary;
  std::vector<Link> links;   // that it can have, the default first
  std::vector<Takes> takes;  // parts of the response and predictor that it knows of
  ResponseKind response = ResponseKind::real;
  bool intercept = true;
  std::function<std::shared_ptr<const Family>(Link)> make = {};
};

/// What an author says of a family.
struct FamilyTraits {
  std::vector<Link> links;
  std::vector<Takes> takes = {Takes::weights, Takes::offset};
  ResponseKind response = ResponseKind::real;
  bool intercept = true;  // false: a parameter whose Subject is a cut takes its place
};

/// The family of a kit (tarn/family_of.hpp).
template <class Kit>
class FamilyOf;

/// A model as its plugin declares it: everything the host must know before it makes one.
struct ModelType {
  std::string name;
  std::string summary;
  std::vector<std::string> offers;  // capability ids
  std::vector<Setting> settings;
  bool reads_rows = false;        // needs more than moments
  std::vector<Takes> takes = {};  // a design with another part is refused
  bool any_family = false;  // takes any; else what is gaussian, or has a likelihood of its own
  bool probability_mass = false;  // values of the response have a probability of their own
  /// For the automatic choice: the least that accepts wins. None: only by --model.
  std::optional<int> generality = {};
  /// Why it cannot take the design, or nothing.
  std::function<std::optional<std::string>(const Design&)> refuses = {};
  /// What takes a prior.
  std::function<std::vector<Parameter>(const Design&)> parameters = {};
  /// Offered capabilities that these priors rule out.
  std::function<std::vector<std::string>(const Design&, const Priors&)> withholds = {};
  std::vector<std::string> withheld = {};  // by narrowed()
  std::function<std::unique_ptr<Model>(const ModelInput&)> make = {};
};

/// The model as these priors leave it: without the capabilities that they rule out.
ModelType narrowed(ModelType type, const Design& design, const Priors& priors);

struct SamplerType {
  std::string name;
  std::string summary;
  std::vector<std::string> needs;  // capability ids, all of them
  std::vector<Setting> settings;
  int preference = 0;  // for the automatic choice: the highest that fits wins
  bool learns = true;  // in warm-up; else that is only for forgetting the start
  std::function<std::unique_ptr<Sampler>(Model&, const Settings&)> make = {};
  /// For the run's other chains: like its first. None: by make().
  std::function<std::unique_ptr<Sampler>(Model&, const Settings&, const Sampler& first)> make_like =
      {};
};

struct DiagnosticType {
  std::string name;
  std::string summary;
  std::vector<std::string> needs;  // "statistics", "model", capability ids of the model
  std::vector<Setting> settings;
  std::vector<std::string> statistics = {};  // of the samplers', that it looks at
  std::string title = {};                    // of its section in the report; none: its name
  int place = 100;                           // in the report: the lowest is read first
  std::function<std::unique_ptr<Diagnostic>(const Settings&)> make = {};
};

/// What a plugin's registration fills. A class must have what its role demands (a compiler that
/// refuses says which line is missing), and may add:
///   static std::vector<Setting> settings();      its options
///   static constexpr bool reads_rows = true;     a model that needs rows
///   static std::vector<Takes> takes();           weights(), offset(), se(), gaps and further
///                                                formulas that a model knows of; it is refused
///                                                where there are others
///   static constexpr bool any_family = true;     a model whose likelihood is Design::family
///   static constexpr bool probability_mass = true;  a model of a discrete response
///   static constexpr int generality = 0;         a model for the automatic choice
///   static std::vector<std::string_view> withholds(const Design&, const Priors&);
///                                                capabilities that some priors rule out
///   static constexpr int preference = 1;         a sampler's rank in the automatic choice
///   static constexpr bool learns = false;        a sampler that gains little from a long warm-up
///   static std::vector<std::string_view> needs();  what a diagnostic needs beside the draws:
///                                                "statistics", "model", capabilities of the model
///   static std::vector<std::string_view> statistics();  of the samplers', that a diagnostic reads
///   static constexpr int place = 100;            a diagnostic's place in the report
///   static constexpr std::string_view title = "Convergence: ...?";  and its heading there
///   T(Model&, const Settings&, const T& first);  a sampler that takes over what the run's first
///                                                chain has found out
class Plugin {
 public:
  /// A class derived from Family, or a kit; `traits` are its own.
  template <class T>
  void family(std::string name, std::string summary) {
    static_assert(
        requires {
          { T::traits() } -> std::same_as<FamilyTraits>;
        },
        "a family has: static tarn::FamilyTraits traits()");
    family<T>(std::move(name), std::move(summary), T::traits());
  }

  template <class T>
  void family(std::string name, std::string summary, FamilyTraits traits) {
    FamilyType type{std::move(name),         std::move(summary), std::move(traits.links),
                    std::move(traits.takes), traits.response,    traits.intercept};
    if constexpr (!std::derived_from<T, Family>) {
      static_assert(
          requires { sizeof(FamilyOf<T>); },
          "a family derives from tarn::Family, or is a kit and includes <tarn/family_of.hpp>");
      if constexpr (requires(const Design& design) { T::parameters(design); }) {
        type.takes.push_back(Takes::predictors);  // the kit's form reads them row by row
      }
      type.make = [name = type.name](Link link) {
        return std::make_shared<const FamilyOf<T>>(link, name);
      };
    } else {
      static_assert(
          !std::is_abstract_v<T>,
          "a family overrides refuses(), log_likelihood(), derivatives(), mean() and draw()");
      if constexpr (std::constructible_from<T, Link, std::string>) {
        type.make = [name = type.name](Link link) { return std::make_shared<const T>(link, name); };
      } else {
        static_assert(std::constructible_from<T, Link>,
                      "a family has a constructor that takes a Link");
        type.make = [](Link link) { return std::make_shared<const T>(link); };
      }
    }
    families.push_back(std::move(type));
  }

  template <class T>
  void model(std::string name, std::string summary) {
    static_assert(std::derived_from<T, Model>,
                  "a model derives from tarn::Offers<...> with its capabilities");
    static_assert(!std::is_abstract_v<T>,
                  "a model overrides layout(), start() and all functions of what it offers");
    static_assert(std::constructible_from<T, const ModelInput&>,
                  "a model has a constructor that takes a const tarn::ModelInput&");
    static_assert(
        requires(const Design& design) {
          { T::refuses(design) } -> std::same_as<std::optional<std::string>>;
        },
        "a model has: static std::optional<std::string> refuses(const tarn::Design&)");
    static_assert(
        requires(const Design& design) {
          { T::parameters(design) } -> std::same_as<std::vector<Parameter>>;
        },
        "a model has: static std::vector<tarn::Parameter> parameters(const tarn::Design&)");
    ModelType type{std::move(name), std::move(summary), texts(T::offers()), settings_of<T>()};
    if constexpr (requires { T::reads_rows; }) type.reads_rows = T::reads_rows;
    if constexpr (requires { T::generality; }) type.generality = T::generality;
    if constexpr (requires { T::takes(); }) type.takes = T::takes();
    if constexpr (requires { T::any_family; }) type.any_family = T::any_family;
    if constexpr (requires { T::probability_mass; }) type.probability_mass = T::probability_mass;
    type.refuses = [takes = type.takes, any = type.any_family](const Design& design) {
      std::optional<std::string> reason;
      if (!any) reason = needs_gaussian(design);
      if (!reason) reason = T::refuses(design);
      return reason ? reason : not_taken(takes, design);
    };
    type.parameters = [](const Design& design) { return T::parameters(design); };
    type.withholds = [](const Design& design, const Priors& priors) {
      std::vector<std::string_view> capabilities;
      if constexpr (requires { T::withholds(design, priors); }) {
        capabilities = T::withholds(design, priors);
      }
      return texts(capabilities);
    };
    type.make = [](const ModelInput& input) {
      auto model = std::make_unique<T>(input);
      if constexpr (requires { T::withholds(input.design, input.priors); }) {
        model->withhold(T::withholds(input.design, input.priors));
      }
      return model;
    };
    models.push_back(std::move(type));
  }

  template <class T>
  void sampler(std::string name, std::string summary) {
    static_assert(std::derived_from<T, Sampler>, "a sampler derives from tarn::Sampler");
    static_assert(!std::is_abstract_v<T>, "a sampler overrides statistics() and step()");
    static_assert(std::constructible_from<T, Model&, const Settings&>,
                  "a sampler has a constructor that takes tarn::Model& and const tarn::Settings&");
    static_assert(
        requires {
          { T::needs() } -> std::same_as<std::vector<std::string_view>>;
        },
        "a sampler has: static std::vector<std::string_view> needs()");
    SamplerType type{std::move(name), std::move(summary), texts(T::needs()), settings_of<T>()};
    if constexpr (requires { T::preference; }) type.preference = T::preference;
    if constexpr (requires { T::learns; }) type.learns = T::learns;
    type.make = [](Model& model, const Settings& settings) {
      return std::make_unique<T>(model, settings);
    };
    if constexpr (std::constructible_from<T, Model&, const Settings&, const T&>) {
      type.make_like = [](Model& model, const Settings& settings, const Sampler& first) {
        return std::make_unique<T>(model, settings, static_cast<const T&>(first));
      };
    }
    samplers.push_back(std::move(type));
  }

  template <class T>
  void diagnostic(std::string name, std::string summary) {
    static_assert(std::derived_from<T, Diagnostic>, "a diagnostic derives from tarn::Diagnostic");
    static_assert(!std::is_abstract_v<T>, "a diagnostic overrides evaluate()");
    static_assert(std::constructible_from<T, const Settings&>,
                  "a diagnostic has a constructor that takes a const tarn::Settings&");
    DiagnosticType type{std::move(name), std::move(summary), {}, settings_of<T>()};
    if constexpr (requires { T::needs(); }) type.needs = texts(T::needs());
    if constexpr (requires { T::statistics(); }) type.statistics = texts(T::statistics());
    if constexpr (requires { T::title; }) type.title = T::title;
    if constexpr (requires { T::place; }) type.place = T::place;
    type.make = [](const Settings& settings) { return std::make_unique<T>(settings); };
    diagnostics.push_back(std::move(type));
  }

  std::vector<FamilyType> families;
  /// A density that priors may have, beside those of tarn.
  void density(DensityType type) { densities.push_back(std::move(type)); }

  std::vector<ModelType> models;
  std::vector<SamplerType> samplers;
  std::vector<DiagnosticType> diagnostics;
  std::vector<DensityType> densities;

 private:
  static std::vector<std::string> texts(const std::vector<std::string_view>& views) {
    return {views.begin(), views.end()};
  }

  template <class T>
  static std::vector<Setting> settings_of() {
    if constexpr (requires { T::settings(); }) {
      return T::settings();
    } else {
      return {};
    }
  }
};

}  // namespace tarn

#include "tarn/abi_layout.hpp"

/// Makes a shared library a plugin:
///   TARN_PLUGIN("student", "0.1.0") { plugin.model<Student>("student", "..."); }
#define TARN_PLUGIN(NAME, VERSION)                                                                 \
  static void tarn_register_types(::tarn::Plugin& plugin);                                         \
  [[gnu::used, gnu::section(TARN_ABI_SECTION)]] static constexpr auto tarn_stamp = TARN_ABI_STAMP; \
  extern "C" {                                                                                     \
  [[gnu::visibility("default")]] extern const ::tarn::abi::Descriptor TARN_ABI_ENTRY;              \
  const ::tarn::abi::Descriptor TARN_ABI_ENTRY = {                                                 \
      sizeof(::tarn::abi::Descriptor), tarn_stamp.data(),   NAME, VERSION,                         \
      &::tarn::abi::virtuals,          &tarn_register_types};                                      \
  }                                                                                                \
  static void tarn_register_types(::tarn::Plugin& plugin)
