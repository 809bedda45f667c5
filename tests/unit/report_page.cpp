// The report's page as text, and figures as JSON and CSV.
#define BOOST_TEST_MODULE report_page
#include <boost/test/unit_test.hpp>

#include <limits>
#include <regex>
#include <string>

#include "report/figure_json.hpp"
#include "report/html/escape.hpp"
#include "report/html/page.hpp"
#include "report/summary_table.hpp"
#include "tarn/error.hpp"

using namespace tarn;

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

Figure figure() {
  return {.name = "lines",
          .title = "Lines <b>",
          .caption = "How to read them & why",
          .specification = R"({"mark": "line", "data": {"name": "draws"},
              "facet": {"field": "g", "type": "nominal", "sort": null}})",
          .data = {
              {"draws", {{"g", {}, {"z", "a", "</script>"}}, {"x", {1, no_number, 0.123456789}}}}}};
}

html::Page page() {
  TextTable table({{"name"}, {"mean", TextTable::Align::point}});
  table.add({"b[<x>]", "1.25"});
  table.add({"sigma", "10"});
  html::Section section{.title = "Have the chains met?"};
  section.findings = {{Finding::Level::bad, "R-hat is above 1.01"}};
  section.tables = {{"Parameters", table}};
  section.figures = {figure()};
  html::FitPart part{.title = "a.h5"};
  part.card = {{"Formula", "y ~ a & b"}};
  part.sections = {section};
  part.left_out = {"energy: the sampler reported no statistics"};
  return {.title = "fit", .fits = {part}};
}

std::size_t count(const std::string& text, const std::string& piece) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(piece, at)) != text.npos; at += piece.size()) ++n;
  return n;
}

bool holds(const std::string& text, const std::string& piece) { return count(text, piece) > 0; }

}  // namespace

BOOST_AUTO_TEST_CASE(what_the_data_say_cannot_become_markup) {
  BOOST_TEST(html::escaped("a < b & \"c\" 'd'") == "a &lt; b &amp; &quot;c&quot; &#39;d&#39;");
  BOOST_TEST(html::escaped("\xff") == "\xEF\xBF\xBD");
  const std::string text = html::page(page(), {"run()", "hash"});
  BOOST_TEST(holds(text, "<th scope=\"row\">b[&lt;x&gt;]</th>"));
  BOOST_TEST(holds(text, "<h3>Lines &lt;b&gt;</h3>"));
  // Three elements end: the figure's data, the theme and the script.
  BOOST_TEST(count(text, "</script>") == 3u);
}

BOOST_AUTO_TEST_CASE(a_page_lets_only_its_own_script_run_and_fetches_nothing) {
  const std::string text = html::page(page(), {"run()", "hash"});
  BOOST_TEST(holds(text, "default-src 'none'; script-src 'sha256-hash';"));
  BOOST_TEST(!holds(text, "unsafe-eval"));
  BOOST_TEST(!std::regex_search(text, std::regex(R"((src|href)="(https?:)?//)")));
}

BOOST_AUTO_TEST_CASE(without_scripts_a_page_has_its_tables) {
  const std::string text = html::page(page(), {});
  BOOST_TEST(holds(text, "script-src 'none'"));
  BOOST_TEST(!holds(text, "<script"));
  BOOST_TEST(!holds(text, "<figure"));
  BOOST_TEST(holds(text, "<caption>Parameters</caption>"));
  BOOST_TEST(holds(text, "the sampler reported no statistics"));
}

BOOST_AUTO_TEST_CASE(decimal_points_line_up_by_decimals_unseen) {
  const std::string text = html::page(page(), {});
  BOOST_TEST(holds(text, "<td class=\"number\">1.25</td>"));
  BOOST_TEST(
      holds(text, "<td class=\"number\">10<i class=\"pad\" aria-hidden=\"true\">.00</i></td>"));
}

BOOST_AUTO_TEST_CASE(the_verdict_is_the_worst_of_all_findings_and_leads_to_them) {
  const std::string text = html::page(page(), {});
  BOOST_TEST(holds(text, "Do not use these draws yet"));
  BOOST_TEST(holds(text, "href=\"#Have-the-chains-met-\""));
  BOOST_TEST(holds(text, "id=\"Have-the-chains-met-\""));
}

BOOST_AUTO_TEST_CASE(several_fits_have_ids_of_their_own) {
  html::Page two = page();
  two.fits.push_back(two.fits.front());
  const std::string text = html::page(two, {"run()", "hash"});
  BOOST_TEST(count(text, "id=\"fit1-figure-lines\"") == 1u);
  BOOST_TEST(count(text, "id=\"fit2-figure-lines\"") == 1u);
}

BOOST_AUTO_TEST_CASE(long_tables_are_folded) {
  html::Page long_page = page();
  TextTable& table = long_page.fits[0].sections[0].tables[0].table;
  for (int i = 0; i < 40; ++i) table.add({"r", "1"});
  BOOST_TEST(holds(html::page(long_page, {}), "<summary>Parameters: 42 rows</summary>"));
}

BOOST_AUTO_TEST_CASE(a_figures_data_are_small_in_the_page) {
  const auto json = nlohmann::json::parse(compact_json(figure()));
  const auto& columns = json["data"]["draws"];
  BOOST_TEST((columns[0]["levels"] == nlohmann::json{"z", "a", "</script>"}));
  BOOST_TEST((columns[0]["codes"] == nlohmann::json{0, 1, 2}));
  BOOST_TEST((columns[1]["numbers"] == nlohmann::json{1, nullptr, 0.123457}));
}

BOOST_AUTO_TEST_CASE(panels_keep_the_order_of_the_rows) {
  const auto json = nlohmann::json::parse(compact_json(figure()));
  BOOST_TEST((json["specification"]["facet"]["sort"] == nlohmann::json{"z", "a", "</script>"}));
}

BOOST_AUTO_TEST_CASE(a_saved_specification_is_whole) {
  const auto json = nlohmann::json::parse(whole_json(figure()));
  BOOST_TEST((json["datasets"]["draws"][0] == nlohmann::json{{"g", "z"}, {"x", 1.0}}));
  BOOST_TEST(json["datasets"]["draws"][1]["x"].is_null());
  BOOST_TEST(json["datasets"]["draws"][2]["x"] == 0.123456789);
  BOOST_TEST(json["title"] == "Lines <b>");
  BOOST_TEST(json["config"]["background"] == "white");
}

BOOST_AUTO_TEST_CASE(tables_are_saved_as_csv) {
  FigureData data{"d", {{"g", {}, {"a,b", "say \"x\""}}, {"x", {1.5, no_number}}}};
  BOOST_TEST(csv(data) == "g,x\n\"a,b\",1.5\n\"say \"\"x\"\"\",\n");
}

BOOST_AUTO_TEST_CASE(a_figure_that_cannot_be_is_refused) {
  Figure bad = figure();
  bad.specification = "{";
  BOOST_CHECK_THROW(check(bad), PluginError);
  bad = figure();
  bad.name = "../x";
  BOOST_CHECK_THROW(check(bad), PluginError);
  bad = figure();
  bad.data[0].columns[1].numbers.pop_back();
  BOOST_CHECK_THROW(check(bad), PluginError);
}

BOOST_AUTO_TEST_CASE(plain_tables_keep_three_digits_of_small_numbers) {
  ReportTable table{"ols_fit", {"ols_se", "n"}, {"a", "b"}, {251.4, -12345, 10.46, 1}};
  const TextTable text = plain_table(table, 10);
  BOOST_TEST(text.columns()[1].title == "OLS se");
  BOOST_TEST(text.rows()[0][1] == "251.4");
  BOOST_TEST(text.rows()[1][1] == "10.5");
  BOOST_TEST(text.rows()[0][2] == "-12,345");
  BOOST_TEST(plain_table(table, 1).rows().size() == 1u);
}
