// From a file to a registered plugin, one check after the other.
#include "plugin/load.hpp"

#include <algorithm>
#include <exception>
#include <system_error>
#include <typeinfo>

#include <cxxabi.h>
#include <dlfcn.h>

#define BOOST_DLL_USE_STD_FS
#include <fmt/format.h>
#include <boost/core/demangle.hpp>
#include <boost/dll/shared_library.hpp>

#include "plugin/elf_file.hpp"
#include "plugin/stamp.hpp"
#include "plugin/trust.hpp"
#include "prior/density_table.hpp"

namespace tarn {
namespace fs = std::filesystem;
namespace {

constexpr const char* entry_name = TARN_ABI_TEXT(TARN_ABI_ENTRY);

void check_trust(const fs::path& file) {
  if (!fs::is_regular_file(file)) throw PluginError("not a tarn plugin: not a file");
  for (const fs::path& path : {file.parent_path(), file}) {
    if (const auto reason = distrust(path)) throw PluginError(*reason);
  }
  if (const auto reason = distrust_place(file.parent_path())) throw PluginError(*reason);
}

/// What the dynamic loader says, as a sentence; its two usual complaints in the user's words.
std::string loader_reason(std::string_view text) {
  constexpr std::string_view missing_symbol = "undefined symbol: ";
  constexpr std::string_view missing_file = ": cannot open shared object file";
  if (const auto at = text.find(missing_symbol); at != std::string_view::npos) {
    std::string symbol(text.substr(at + missing_symbol.size()));
    symbol.resize(std::min(symbol.find(','), symbol.size()));  // ", version GLIBC_..."
    return fmt::format("nothing defines '{}', which it uses; link it with the library that does",
                       boost::core::demangle(symbol.c_str()));
  }
  if (const auto at = text.find(missing_file); at != std::string_view::npos) {
    return fmt::format("it needs the library '{}', which is not found", text.substr(0, at));
  }
  return fmt::format("the system cannot load it: {}", text);
}

/// A library that stays loaded: its code lives on in types, objects and exceptions.
const abi::Descriptor& load_for_good(const fs::path& file) {
  using boost::dll::load_mode::rtld_local;
  using boost::dll::load_mode::rtld_now;
  union Kept {
    boost::dll::shared_library library;
    Kept() : library() {}
    ~Kept() {}
  } kept;
  std::error_code error;
  kept.library.load(file, rtld_now | rtld_local, error);
  if (error) {
    const char* const text = ::dlerror();
    throw PluginError(loader_reason(text ? text : error.message()));
  }
  return kept.library.get<const abi::Descriptor>(entry_name);
}

void check_descriptor(const abi::Descriptor& descriptor, std::string_view stamp) {
  if (descriptor.size != sizeof(abi::Descriptor)) {
    throw PluginError(fmt::format("its descriptor says it has {} bytes, this tarn's has {}",
                                  descriptor.size, sizeof(abi::Descriptor)));
  }
  if (!descriptor.stamp || descriptor.stamp != stamp) {
    throw PluginError("the stamp in its descriptor is not the one in the file");
  }
  if (!descriptor.name || !descriptor.version || !descriptor.virtuals ||
      !descriptor.register_types) {
    throw PluginError("its descriptor lacks a name, a version or the functions of TARN_PLUGIN");
  }
  if (descriptor.virtuals() != abi::virtuals()) {
    throw PluginError(
        "built against headers whose classes have other virtual functions; rebuild it against "
        "this tarn's headers");
  }
}

/// Names are typed on command lines, and are parts of file names and of the chain file.
void check_name(std::string_view what, std::string_view name) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto other = [](char c) { return (c >= '0' && c <= '9') || c == '_'; };
  const bool valid = !name.empty() && name.size() <= 64 && letter(name.front()) &&
                     std::ranges::all_of(name, [&](char c) { return letter(c) || other(c); });
  if (valid) return;
  throw PluginError(fmt::format(
      "it names a {} '{}'; a name is a small letter, then small letters, digits and '_'", what,
      name));
}

/// What the table calls must be there.
void check_densities(const std::vector<DensityType>& types) {
  for (auto type = types.begin(); type != types.end(); ++type) {
    check_name("density", type->name);
    const auto refuse = [&](const std::string& why) {
      throw PluginError(fmt::format("density '{}' {}", type->name, why));
    };
    if (is_own_density(type->name)) refuse("is already there, from tarn itself");
    const auto same = [&](const DensityType& other) { return other.name == type->name; };
    if (std::any_of(types.begin(), type, same)) {
      throw PluginError(fmt::format("it registers density '{}' twice", type->name));
    }
    const bool nameless =
        std::ranges::any_of(type->arguments, &std::string::empty, &DensityArgument::name);
    if (nameless) refuse("has an argument without a name");
    if (type->repeats && type->arguments.empty()) refuse("repeats an argument and has none");
    const bool of_block = type->support == Support::simplex ||
                          type->support == Support::correlation ||
                          type->support == Support::covariance;
    if (of_block) {
      const DensityType::Block& block = type->block;
      if (!block.log_density || !block.add_gradient || !block.draw) {
        refuse("lacks block.log_density, block.add_gradient or block.draw");
      }
    } else if (type->conjugacy.scales_with_sigma) {
      if (!type->conjugacy.gaussian) refuse("scales with sigma and lacks conjugacy.gaussian");
    } else if (!type->log_density || !type->score || (type->proper && !type->draw)) {
      refuse("lacks log_density, score or draw");
    }
    if (type->conjugacy.mixing && !type->conjugacy.gaussian) {
      refuse("has conjugacy.mixing and lacks conjugacy.gaussian");
    }
  }
}

template <class Type>
void check_types(std::string_view role, const std::vector<Type>& types) {
  for (auto type = types.begin(); type != types.end(); ++type) {
    check_name(role, type->name);
    const auto same = [&](const Type& other) { return other.name == type->name; };
    if (std::any_of(types.begin(), type, same)) {
      throw PluginError(fmt::format("it registers {} '{}' twice", role, type->name));
    }
    if (!type->make) throw PluginError(fmt::format("{} '{}' cannot be made", role, type->name));
  }
}

void call_registration(const abi::Descriptor& descriptor, Plugin& types) {
  try {
    descriptor.register_types(types);
  } catch (const std::exception& error) {
    throw PluginError(
        fmt::format("plugin '{}' throws while registering: {}", descriptor.name, error.what()));
  } catch (...) {
    throw PluginError(fmt::format(
        "plugin '{}' throws while registering: an exception of type {}", descriptor.name,
        boost::core::demangle(::abi::__cxa_current_exception_type()->name())));
  }
}

}  // namespace

std::string stamp_of_file(const fs::path& file) {
  ElfFile elf(file);
  const auto section = elf.section(TARN_ABI_SECTION);
  if (!section) {
    throw PluginError(
        "not a tarn plugin: a shared library without a stamp (a plugin ends in TARN_PLUGIN)");
  }
  std::string stamp = checked_stamp(*section);
  const auto size = elf.exported_variable(entry_name);
  if (!size) throw PluginError(fmt::format("it exports no descriptor '{}'", entry_name));
  if (*size != sizeof(abi::Descriptor)) {
    throw PluginError(fmt::format("its descriptor '{}' has {} bytes, this tarn's has {}",
                                  entry_name, *size, sizeof(abi::Descriptor)));
  }
  return stamp;
}

const abi::Descriptor& open_plugin(const fs::path& file) {
  std::error_code error;
  const fs::path real = fs::canonical(file, error);  // a link is no better than what it points to
  if (error) throw PluginError("the file cannot be read: " + error.message());
  check_trust(real);
  const std::string stamp = stamp_of_file(real);
  const abi::Descriptor& descriptor = load_for_good(real);
  check_descriptor(descriptor, stamp);
  return descriptor;
}

LoadedPlugin register_plugin(const fs::path& file, const abi::Descriptor& descriptor) {
  LoadedPlugin plugin{file, descriptor.name, descriptor.version, {}};
  check_name("plugin", plugin.name);
  call_registration(descriptor, plugin.types);
  check_types("family", plugin.types.families);
  for (const FamilyType& family : plugin.types.families) {
    if (family.links.empty()) {
      throw PluginError(fmt::format("family '{}' has no link", family.name));
    }
  }
  check_types("model", plugin.types.models);
  check_types("sampler", plugin.types.samplers);
  check_types("diagnostic", plugin.types.diagnostics);
  check_densities(plugin.types.densities);
  if (plugin.types.families.empty() && plugin.types.models.empty() &&
      plugin.types.samplers.empty() && plugin.types.diagnostics.empty() &&
      plugin.types.densities.empty()) {
    throw PluginError("it registers nothing: no family, model, sampler, diagnostic or density");
  }
  return plugin;
}

}  // namespace tarn
