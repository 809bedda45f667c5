// Traces, rank plots and densities of some parameters.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "summary.hpp"
#include "tarn/diagnostic.hpp"

namespace tarn::convergence {

/// The rows of the table: which element each is, and what can be said of it.
struct Row {
  std::size_t block;
  std::size_t element;
};

/// At most twelve rows: the main parameters, and those whose chains agree least. In the order of
/// the table.
std::vector<std::size_t> chosen_rows(const ReportTable& table, std::span<const Row> rows,
                                     std::span<const Kind> kinds, const Layout& layout);

/// Adds the figures of the rows chosen. `interval` are the probabilities of its ends.
void add_pictures(const Fit& fit, const ReportTable& table, std::span<const Row> rows,
                  std::span<const Kind> kinds, std::pair<double, double> interval, Report& report);

}  // namespace tarn::convergence
