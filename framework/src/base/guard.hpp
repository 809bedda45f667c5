// Calls into plugins, whose exceptions must name whose they are.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "tarn/error.hpp"

namespace tarn {

/// Calls plugin code. tarn's own errors pass; all else becomes a PluginError that names the part
/// (`sampler 'gibbs'`), the call (`step()`) and what was thrown.
template <class Call>
auto guarded(const char* role, const std::string& name, const char* verb, Call&& call) {
  try {
    return std::forward<Call>(call)();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw PluginError(fmt::format("{} '{}' ran out of memory in {}", role, name, verb));
  } catch (const std::exception& error) {
    throw PluginError(fmt::format("{} '{}' failed in {}: {}", role, name, verb, error.what()));
  } catch (...) {
    throw PluginError(fmt::format("{} '{}' failed in {}: it threw something that is no exception",
                                  role, name, verb));
  }
}

}  // namespace tarn
