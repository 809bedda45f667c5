// Bundles the scripts into a folder:  node build.mjs FOLDER
//   report.js         inlined into the page; its first line says what it is made of
//   report.js.sha256  the hash by which the page's security policy lets it run
//   svg.mjs           figures as SVG, by Node alone
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {build} from 'esbuild';

const folder = process.argv[2];
if (!folder) throw new Error('usage: node build.mjs FOLDER');

// Pages are passed on, and the licences ask that their texts go along.
function licences(inputs) {
  const packages = new Set();
  for (const input of inputs) {
    const found = input.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/);
    if (found) packages.add(found[0]);
  }
  const byText = new Map();
  for (const path of [...packages].sort()) {
    const {name, version, license} = JSON.parse(readFileSync(join(path, 'package.json')));
    const file = readdirSync(path).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(path, file), 'utf8').trim() : license;
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version}`]);
  }
  const parts = [...byText].map(([text, names]) => `${names.join(', ')}\n\n${text}`);
  return parts.join('\n\n\n').replaceAll('*/', '* /').replaceAll('</', '< /');
}

async function bundle(entry, file, options) {
  const {outputFiles, metafile} = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    legalComments: 'none',
    charset: 'utf8',
    ...options,
  });
  // Inside of a page no script may contain what ends one.
  const code = outputFiles[0].text.replaceAll('</script', '<\\/script');
  const text = `/*! Made of these, under their licences:\n\n${licences(Object.keys(metafile.inputs))}\n*/\n${code}`;
  writeFileSync(join(folder, file), text);
  return text;
}

mkdirSync(folder, {recursive: true});
const script = await bundle('report.js', 'report.js', {format: 'iife', target: 'es2020'});
writeFileSync(join(folder, 'report.js.sha256'), createHash('sha256').update(script).digest('base64'));
await bundle('svg.mjs', 'svg.mjs', {format: 'esm', platform: 'node', target: 'node18', external: ['canvas']});
