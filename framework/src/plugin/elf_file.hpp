// A shared library's tables, read from its file without loading it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <link.h>

namespace tarn {

/// Opens a file and checks that it is a whole shared library for this kind of machine; throws
/// PluginError with the reason if not. Offsets and sizes in the file are never trusted.
///
/// Boost.DLL's library_info would do, but for two things: it reads the table of symbols that
/// `strip` removes, and it believes what the file says about itself.
class ElfFile {
 public:
  explicit ElfFile(const std::filesystem::path& file);

  /// The bytes of the section with this name, if there is one.
  std::optional<std::string> section(std::string_view name);

  /// The size of the exported variable with this name, if there is one.
  std::optional<std::uint64_t> exported_variable(std::string_view name);

 private:
  using Header = ElfW(Ehdr);
  using Section = ElfW(Shdr);
  using Segment = ElfW(Phdr);
  using Symbol = ElfW(Sym);

  void check_kind();
  void check_inside(std::uint64_t offset, std::uint64_t count) const;
  std::string bytes(std::uint64_t offset, std::uint64_t count);
  std::string bytes(const Section& section);
  template <class Entry>
  std::vector<Entry> table(std::uint64_t offset, std::uint64_t count);

  std::ifstream file_;
  std::uint64_t size_ = 0;
  std::vector<Section> sections_;
  std::string section_names_;
};

}  // namespace tarn
