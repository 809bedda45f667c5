// A figure as tarn hands it over becomes a Vega view. Expressions are interpreted, never compiled: a
// page may forbid eval.
import {expressionInterpreter} from 'vega-interpreter';
import {compile} from 'vega-lite';
import {logger, mergeConfig, parse, View, Warn} from 'vega';

/** Rows of a table that is stored by columns; texts are stored once. */
export function rowsOf(columns) {
  const size = columns.length === 0 ? 0 : (columns[0].codes ?? columns[0].numbers).length;
  const rows = Array.from({length: size}, () => ({}));
  for (const {name, numbers, levels, codes} of columns) {
    for (let i = 0; i < size; ++i) rows[i][name] = codes ? levels[codes[i]] : numbers[i];
  }
  return rows;
}

/** The specification with its data inside: whole, for any reader of Vega-Lite. */
export function whole({specification, data}, config) {
  const datasets = {};
  for (const [name, columns] of Object.entries(data)) datasets[name] = rowsOf(columns);
  return {...specification, config: mergeConfig(config, specification.config ?? {}), datasets};
}

export function csvOf(columns) {
  const quoted = (value) => {
    let text = value === null ? '' : String(value);
    // A text that a spreadsheet would take for a formula is marked as text.
    if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const names = columns.map(({name}) => name);
  const lines = rowsOf(columns).map((row) => names.map((name) => quoted(row[name])).join(','));
  return [names.map(quoted).join(','), ...lines].join('\n') + '\n';
}

/** Faults of a specification are told; that a layer has no rows, which Vega also warns of, is none. */
export function viewOf(specification, options) {
  const {spec} = compile(specification, {logger: logger(Warn)});
  return new View(parse(spec, null, {ast: true}), {expr: expressionInterpreter, ...options});
}
