// Every Vega-Lite template compiles without a warning, and becomes an SVG:
//   node templates.mjs FIGURE.vl.json...
// Beside node_modules of the report. What a figure shows is for pages.py to see; this one finds
// words that Vega-Lite does not know, and what the conventions forbid.
import {readFileSync} from 'node:fs';
import {expressionInterpreter} from 'vega-interpreter';
import {compile} from 'vega-lite';
import {parse, View} from 'vega';

let faults = 0;
const fault = (file, sentence) => {
  console.log(`${file}: ${sentence}`);
  ++faults;
};

/** Every object inside. */
function* parts(value) {
  if (value === null || typeof value !== 'object') return;
  if (!Array.isArray(value)) yield value;
  for (const inner of Object.values(value)) yield* parts(inner);
}

const statistics = ['aggregate', 'bin', 'density', 'regression', 'loess', 'quantile', 'window'];

for (const file of process.argv.slice(2)) {
  try {
    const specification = JSON.parse(readFileSync(file, 'utf8').replace(/@\w+@/g, 'word'));
    const datasets = {};
    for (const part of parts(specification)) {
      if (part.data?.name) datasets[part.data.name] = [];
      if (part.data?.url || part.data?.values) fault(file, 'data are handed over by name');
      for (const word of statistics) if (word in part) fault(file, `${word}: statistics are C++`);
      for (const word of ['color', 'fill', 'stroke', 'scheme', 'font', 'background']) {
        if (typeof part[word] === 'string') fault(file, `${word}: ${part[word]} is the report's`);
      }
    }
    const warn = (...words) => fault(file, words.join(' '));
    const logger = {level: () => logger, error: warn, warn, info: () => logger, debug: () => logger};
    const {spec} = compile({...specification, datasets}, {logger});
    const view = new View(parse(spec, null, {ast: true}), {renderer: 'none', expr: expressionInterpreter});
    const svg = await view.toSVG();
    if (!svg.startsWith('<svg') || !svg.includes('role-frame')) fault(file, 'its SVG is empty');
  } catch (error) {
    fault(file, error.message);
  }
}
console.log(`${process.argv.length - 2} templates, ${faults} faults`);
process.exitCode = faults > 0 || process.argv.length === 2 ? 1 : 0;
