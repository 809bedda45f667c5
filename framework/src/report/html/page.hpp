// The report: one HTML page without external files.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "report/text_table.hpp"
#include "tarn/diagnostic.hpp"

namespace tarn::html {

/// A table for people.
struct PageTable {
  std::string caption;
  TextTable table;
  std::string note = {};  // what was left out
};

/// What one diagnostic, or another part of the report, has to show.
struct Section {
  std::string title;
  std::string introduction = {};
  std::vector<std::string> remarks = {};  // sentences that judge nothing
  std::vector<Finding> findings = {};
  std::vector<PageTable> tables = {};
  std::vector<Figure> figures = {};
};

/// One fit.
struct FitPart {
  std::string title;                                           // where there are several
  bool approximate = false;                                    // the draws
  std::vector<std::string> notices = {};                       // what is unusual about this fit
  std::vector<std::pair<std::string, std::string>> card = {};  // "model", "random_intercept"
  std::vector<PageTable> tables = {};                          // beside the card
  std::vector<Section> sections = {};
  std::vector<std::string> left_out = {};  // what could not be judged, and why
};

struct Page {
  std::string title;
  std::vector<std::string> notices = {};
  std::vector<Section> comparison = {};  // of the fits, before them
  std::vector<FitPart> fits = {};
  std::string footer = {};
};

/// What draws the figures; without code the page says that they are missing, and why.
struct Scripts {
  std::string code = {};
  std::string sha256 = {};  // of the code, in base64: the only script that the page lets run
};

std::string page(const Page& page, const Scripts& scripts);

}  // namespace tarn::html
