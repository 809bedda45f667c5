// The report's page as text, and figures as JSON and CSV.
#define BOOST_TEST_MODULE report_page
#include <boost/test/unit_test.hpp>

#include <limits>
#include <regex>
#include <string>

#include "report/figure_json.hpp"
#include "report/html/escape.hpp"
#include "report/html/page.hpp"
#include "report/shown.hpp"
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
  html::Section section{.title = "Convergence: have the chains mixed?"};
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
  BOOST_TEST(holds(text, "href=\"#Convergence--have-the-chains-mixed-\""));
  BOOST_TEST(holds(text, "id=\"Convergence--have-the-chains-mixed-\""));
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

BOOST_AUTO_TEST_CASE(json_inside_a_page_holds_nothing_that_html_or_a_line_end_could_be) {
  const std::string hostile = "{\"a\":\"<!--<script></script>]]>\u2028\u2029 1 < 2\"}";
  const std::string safe = html::embedded(hostile);
  BOOST_TEST(safe ==
             "{\"a\":\"\\u003c!--\\u003cscript>\\u003c/script>]]>\\u2028\\u2029 1 \\u003c 2\"}");
  BOOST_TEST((nlohmann::json::parse(safe) == nlohmann::json::parse(hostile)));
  html::Page hostile_page = page();
  hostile_page.fits[0].sections[0].figures[0].data[0].columns[0].texts[0] = "<!--<script>";
  const std::string text = html::page(hostile_page, {"run()", "hash"});
  BOOST_TEST(!holds(text, "<!--"));
  BOOST_TEST(holds(text, "<footer>"));
}

BOOST_AUTO_TEST_CASE(a_figure_that_cannot_be_leaves_the_others_in_the_page) {
  html::Page two = page();
  Figure bad = figure();
  bad.name = "bad";
  bad.specification = "{";
  two.fits[0].sections[0].figures.insert(two.fits[0].sections[0].figures.begin(), bad);
  const std::string text = html::page(two, {"run()", "hash"});
  BOOST_TEST(holds(text,
                   "A figure cannot be drawn: the specification of figure &#39;bad&#39; is no "
                   "JSON object"));
  BOOST_TEST(holds(text, "figure-lines"));
}

BOOST_AUTO_TEST_CASE(hidden_characters_are_shown_in_figures_and_in_html) {
  BOOST_TEST(visible("a\u202eb\u2028c\x01\x7f\u0085") == "a\\u202eb\\u2028c\\u0001\\u007f\\u0085");
  BOOST_TEST(visible("größe 😀 a\tb\n") == "größe 😀 a\tb\n");
  BOOST_TEST(html::escaped("\u202e<") == "\\u202e&lt;");
  Figure hostile = figure();
  hostile.data[0].columns[0].texts = {"a\u2028", "b\x1b[0m", "z"};
  const auto json = nlohmann::json::parse(compact_json(hostile));
  const nlohmann::json shown{"a\\u2028", "b\\u001b[0m", "z"};
  BOOST_TEST((json["data"]["draws"][0]["levels"] == shown));
  BOOST_TEST((json["specification"]["facet"]["sort"] == shown));
}

BOOST_AUTO_TEST_CASE(names_that_objects_of_javascript_have_are_quoted_in_figures) {
  const std::vector<std::string> expected{"'toString'", "'__proto__'", "string"};
  BOOST_TEST(shown_names({"toString", "__proto__", "string"}, 80) == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(long_names_are_cut_and_stay_different) {
  const std::string head(5000, 'a'), tail(5000, 'z');
  const auto names =
      shown_names({head + "1" + tail, head + "2" + tail, head + "1" + tail, "b"}, 80);
  BOOST_TEST(names[0].size() == 80u);
  BOOST_TEST(names[1] == names[0] + " (2)");
  BOOST_TEST(names[2] == names[0]);
  BOOST_TEST(names[3] == "b");
}

BOOST_AUTO_TEST_CASE(cells_that_begin_like_formulas_are_marked_in_csv) {
  FigureData data{"d",
                  {{"g", {}, {"=1+1", "+a", "-b", "@c", "\td", "\re", "f=1", ""}},
                   {"x", {-1, 2, 3, 4, 5, 6, 7, 8}}}};
  BOOST_TEST(csv(data) == "g,x\n'=1+1,-1\n'+a,2\n'-b,3\n'@c,4\n'\td,5\n\"'\re\",6\nf=1,7\n,8\n");
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
