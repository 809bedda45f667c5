// Figures as SVG, without a browser:  node svg.mjs FIGURE.vl.json...
// Writes FIGURE.svg beside each.
import {readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {viewOf} from './figures.js';

const suffix = '.vl.json';

// Through a new file that is renamed: links are not followed.
function write(name, text) {
  const made = `${name}.${process.pid}.new`;
  rmSync(made, {force: true});
  writeFileSync(made, text, {flag: 'wx'});
  renameSync(made, name);
}

let failed = false;
for (const file of process.argv.slice(2)) {
  try {
    if (!file.endsWith(suffix)) throw new Error(`its name does not end in ${suffix}`);
    const specification = JSON.parse(readFileSync(file, 'utf8'));
    const view = viewOf(specification, {renderer: 'none'});
    write(file.slice(0, -suffix.length) + '.svg', await view.toSVG());
    view.finalize();
  } catch (error) {
    console.error(`${file}: ${error.message}`);
    failed = true;
  }
}
process.exitCode = failed ? 1 : 0;
