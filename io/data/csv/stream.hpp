// Texts to pieces: in parallel, delivered in order.
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "data/csv/piece.hpp"
#include "data/source.hpp"
#include "tarn/index.hpp"

namespace tarn::io::csv {

/// The rows of one file.
struct Shard {
  const Source* source = nullptr;
  std::string_view body;  // up to the end of the text
  Format format;
  const Rules* rules = nullptr;
  std::vector<std::size_t> columns;  // of the table, for each field; `unstored`: none
};

inline constexpr std::size_t unstored = as_size(-1);

/// Calls `consume` with one piece after the other, never two at a time; the pieces depend on
/// `chunk` (bytes, at least; chunks end where records do), but not on `threads`. Memory is bounded
/// by a few chunks per thread. Throws the InputError of the first fault.
void stream(std::span<const Shard> shards, std::span<const Kind> kinds, unsigned threads,
            std::size_t chunk, const std::function<void(const Piece&)>& consume);

/// Numbers or text, as far as the first rows tell.
std::vector<Kind> guess(std::span<const Shard> shards, std::size_t columns);

}  // namespace tarn::io::csv
