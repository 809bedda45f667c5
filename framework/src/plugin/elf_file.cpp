// A shared library's tables, read from its file without loading it.
#include "plugin/elf_file.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "tarn/error.hpp"

/// The header of the library that this code is in, placed by the linker.
extern "C" [[gnu::visibility("hidden")]] const ElfW(Ehdr) __ehdr_start;

namespace tarn {
namespace {

std::string machine_name(unsigned machine) {
  switch (machine) {
    case EM_386:
      return "x86";
    case EM_X86_64:
      return "x86-64";
    case EM_ARM:
      return "ARM";
    case EM_AARCH64:
      return "AArch64";
    case EM_PPC64:
      return "POWER";
    case EM_RISCV:
      return "RISC-V";
    default:
      return fmt::format("machine number {}", machine);
  }
}

/// The text that starts at `offset` of a string table; empty where the table does not reach.
std::string_view text_at(std::string_view table, std::uint64_t offset) {
  if (offset >= table.size()) return {};
  table.remove_prefix(offset);
  return table.substr(0, table.find('\0'));
}

}  // namespace

ElfFile::ElfFile(const std::filesystem::path& file) : file_(file, std::ios::binary) {
  std::error_code error;
  size_ = std::filesystem::file_size(file, error);
  if (!file_ || error) throw PluginError("the file cannot be read");
  check_kind();
  const Header header = table<Header>(0, 1).front();
  if (header.e_machine != __ehdr_start.e_machine) {
    throw PluginError(fmt::format("built for another kind of processor: {}, this tarn for {}",
                                  machine_name(header.e_machine),
                                  machine_name(__ehdr_start.e_machine)));
  }
  if (header.e_type != ET_DYN) {
    throw PluginError("not a tarn plugin: an object file or a program, not a shared library");
  }

  // Loading a library of which a part is missing would crash instead of failing.
  for (const Segment& segment : table<Segment>(header.e_phoff, header.e_phnum)) {
    if (segment.p_type == PT_LOAD) check_inside(segment.p_offset, segment.p_filesz);
  }
  sections_ = table<Section>(header.e_shoff, header.e_shnum);
  for (const Section& section : sections_) {
    if (section.sh_type != SHT_NOBITS) check_inside(section.sh_offset, section.sh_size);
  }
  if (header.e_shstrndx < sections_.size()) section_names_ = bytes(sections_[header.e_shstrndx]);
}

std::optional<std::string> ElfFile::section(std::string_view name) {
  for (const Section& section : sections_) {
    if (text_at(section_names_, section.sh_name) == name) return bytes(section);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ElfFile::exported_variable(std::string_view name) {
  for (const Section& section : sections_) {
    if (section.sh_type != SHT_DYNSYM || section.sh_link >= sections_.size()) continue;
    const std::string names = bytes(sections_[section.sh_link]);
    for (const Symbol& symbol :
         table<Symbol>(section.sh_offset, section.sh_size / sizeof(Symbol))) {
      const bool variable = (symbol.st_info & 0xf) == STT_OBJECT && symbol.st_shndx != SHN_UNDEF;
      if (variable && text_at(names, symbol.st_name) == name) return symbol.st_size;
    }
    break;  // a library has one such table; thousands over the same bytes would take hours
  }
  return std::nullopt;
}

void ElfFile::check_kind() {
  const std::string start = bytes(0, std::min<std::uint64_t>(size_, EI_NIDENT));
  if (!start.starts_with(ELFMAG)) {
    throw PluginError("not a tarn plugin: the file is not a shared library");
  }
  const unsigned char* own = __ehdr_start.e_ident;
  if (start.size() == EI_NIDENT && (start[EI_CLASS] != static_cast<char>(own[EI_CLASS]) ||
                                    start[EI_DATA] != static_cast<char>(own[EI_DATA]))) {
    throw PluginError("built for another kind of processor: its word size or byte order differs");
  }
}

void ElfFile::check_inside(std::uint64_t offset, std::uint64_t count) const {
  if (offset <= size_ && count <= size_ - offset) return;
  throw PluginError(fmt::format(
      "truncated or damaged: the file has {} bytes, but its tables point beyond them; copy or "
      "build it again",
      size_));
}

std::string ElfFile::bytes(std::uint64_t offset, std::uint64_t count) {
  check_inside(offset, count);
  std::string result(count, '\0');
  file_.seekg(static_cast<std::streamoff>(offset));
  if (!file_.read(result.data(), static_cast<std::streamsize>(count))) {
    throw PluginError("the file cannot be read to its end");
  }
  return result;
}

std::string ElfFile::bytes(const Section& section) {
  return section.sh_type == SHT_NOBITS ? "" : bytes(section.sh_offset, section.sh_size);
}

template <class Entry>
std::vector<Entry> ElfFile::table(std::uint64_t offset, std::uint64_t count) {
  const std::string raw = bytes(offset, count * sizeof(Entry));
  std::vector<Entry> entries(count);
  if (count > 0) std::memcpy(entries.data(), raw.data(), raw.size());
  return entries;
}

}  // namespace tarn
