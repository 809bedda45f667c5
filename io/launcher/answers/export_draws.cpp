// Writes draws with the digits that give them back to the last bit.
#include "answers/export_draws.hpp"

#include <cmath>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "fitting/configuration.hpp"
#include "tarn/io/table_writer.hpp"

namespace tarn::launcher {
namespace {

void append_number(std::string& text, double x) {
  if (std::isnan(x)) {
    text += "NA";
  } else {
    fmt::format_to(std::back_inserter(text), "{}", x);
  }
}

double sum_of(const expressions::Quantity& quantity, const Layout& layout, ConstVectorRef theta) {
  double sum = 0;
  for (const expressions::Element& element : quantity.sum) {
    sum += theta[as_index(layout.offset(element.block) + element.element)];
  }
  return sum;
}

/// A header line as table readers of this tree read it back.
std::string header_line(const std::vector<std::string>& names) {
  Table header;
  for (const std::string& name : names) header.columns.push_back({.name = name});
  return io::csv_text(header);
}

/// `r_g[308,Days]` is `r_g.1.2`: names of CmdStan, where blocks are arrays; numbers from 1.
std::vector<std::string> numbered_names(const Quantities& chosen, const Layout& layout) {
  std::vector<std::string> names;
  for (const expressions::Quantity& quantity : chosen.parameters) {
    const expressions::Element& element = quantity.sum.front();
    const Block& block = layout.block(element.block);
    std::string name = quantity.name.substr(0, quantity.name.find('['));
    std::string numbers;
    std::size_t rest = element.element;
    for (auto axis = block.axes.rbegin(); axis != block.axes.rend(); ++axis) {
      numbers.insert(0, fmt::format(".{}", rest % axis->labels.size() + 1));
      rest /= axis->labels.size();
    }
    names.push_back(name + numbers);
  }
  for (const auto& [name, expression] : chosen.defined) names.push_back(name);
  return names;
}

}  // namespace

std::string tidy_csv(const Quantities& chosen, const Draws& draws) {
  std::vector<std::string> names = chosen.names();
  names.insert(names.begin(), {".chain", ".iteration", ".draw"});
  std::string text = header_line(names);
  const Matrix defined = chosen.defined_draws(draws);
  for_each_draw(draws, 1, [&](std::size_t number, ConstVectorRef theta, std::size_t) {
    fmt::format_to(std::back_inserter(text), "{},{},{}", number / draws.draws() + 1,
                   number % draws.draws() + 1, number + 1);
    for (const expressions::Quantity& quantity : chosen.parameters) {
      text += ',';
      append_number(text, sum_of(quantity, draws.layout(), theta));
    }
    for (Eigen::Index k = 0; k < defined.cols(); ++k) {
      text += ',';
      append_number(text, defined(as_index(number), k));
    }
    text += '\n';
  });
  return text;
}

std::string tidy_json(const Quantities& chosen, const io::ChainFile& file,
                      const std::string& name) {
  using Json = nlohmann::ordered_json;
  const Draws& draws = file.posterior();
  const std::size_t n = draws.chains() * draws.draws();
  Json columns = Json::object();
  Json& chain = columns[".chain"] = Json::array();
  for (std::size_t i = 0; i < n; ++i) chain.push_back(i / draws.draws() + 1);
  Json& iteration = columns[".iteration"] = Json::array();
  for (std::size_t i = 0; i < n; ++i) iteration.push_back(i % draws.draws() + 1);
  Json& draw = columns[".draw"] = Json::array();
  for (std::size_t i = 0; i < n; ++i) draw.push_back(i + 1);
  const std::vector<std::string> names = chosen.names();
  for (std::size_t k = 0; k < chosen.size(); ++k) {
    const Matrix values = chosen.columns(draws, k, 1);
    columns[names[k]] = std::vector<double>(values.data(), values.data() + values.size());
  }
  const Json object{{"schema_version", 1},         {"file", name},
                    {"chains", draws.chains()},    {"draws", draws.draws()},
                    {"complete", file.complete()}, {"columns", std::move(columns)}};
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string cmdstan_csv(const Quantities& chosen, const io::ChainFile& file, std::size_t chain) {
  const Draws& draws = file.posterior();
  const std::vector<std::string> names = chosen.names();
  const std::vector<std::string> numbered = numbered_names(chosen, draws.layout());
  std::string text = fmt::format(
      "# written by tarn; numbers of CmdStan's layout, not of a run of Stan\n"
      "# stan_version_major = 2\n# stan_version_minor = 31\n# stan_version_patch = 0\n"
      "# model = {}\n# method = sample (Default)\n#   sample\n#     num_samples = {}\n"
      "#     num_warmup = 0\n#     save_warmup = 0 (Default)\n#     thin = 1 (Default)\n"
      "# id = {}\n# random\n#   seed = {}\n",
      file.attribute("name"), draws.draws(), chain + 1, file.attribute("tarn_seed"));
  for (std::size_t k = 0; k < names.size(); ++k) {
    text += fmt::format("# {} = {}\n", numbered[k], names[k]);
  }
  const Layout& statistics = file.statistics().layout();
  const auto lp = statistics.find("lp");
  text += lp ? "lp__" : "";
  for (std::size_t k = 0; k < numbered.size(); ++k) text += (k > 0 || lp ? "," : "") + numbered[k];
  text += '\n';
  Matrix density;
  if (lp) {
    density.resize(as_index(draws.chains() * draws.draws()), 1);
    file.statistics().read(*lp, 0, density);
  }
  const Matrix defined = chosen.defined_draws(draws);
  for_each_draw(draws, 1, [&](std::size_t number, ConstVectorRef theta, std::size_t) {
    if (number / draws.draws() != chain) return;
    bool first = true;
    const auto add = [&](double x) {
      if (!first) text += ',';
      first = false;
      append_number(text, x);
    };
    if (lp) add(density(as_index(number), 0));
    for (const expressions::Quantity& quantity : chosen.parameters) {
      add(sum_of(quantity, draws.layout(), theta));
    }
    for (Eigen::Index k = 0; k < defined.cols(); ++k) add(defined(as_index(number), k));
    text += '\n';
  });
  return text;
}

}  // namespace tarn::launcher
