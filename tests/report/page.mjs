// Opens pages of tarn report in a browser and looks at every figure:
//   node page.mjs [--screenshots FOLDER] PAGE.html...
// Fails for a message of the console, a request of the network, a figure without marks, a page
// without figures; in light and in dark. TARN_CHROMIUM is the browser (chromium).
import {mkdirSync, readFileSync, statSync} from 'node:fs';
import {basename, join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import puppeteer from 'puppeteer-core';

const words = process.argv.slice(2);
const at = words.indexOf('--screenshots');
const screenshots = at < 0 ? null : words.splice(at, 2)[1];
if (screenshots) mkdirSync(screenshots, {recursive: true});

// Marks that one can see: in the page, since a view is an object there.
function emptyFigures() {
  const seen = (item) => item.bounds && item.opacity !== 0 &&
    (item.bounds.x2 - item.bounds.x1 > 0.5 || item.bounds.y2 - item.bounds.y1 > 0.5);
  const marks = (mark) => {
    if (mark.marktype === 'group') return mark.items.reduce((n, group) => n + group.items.reduce((m, inner) => m + marks(inner), 0), 0);
    return mark.role === 'mark' ? mark.items.filter(seen).length : 0;
  };
  return [...document.querySelectorAll('figure[data-name]')].map((figure) => {
    const drawing = figure.querySelector('.drawing').firstElementChild?.getBoundingClientRect();
    return {
      name: figure.dataset.name,
      marks: figure.view ? marks(figure.view.scenegraph().root) : 0,
      wide: drawing ? drawing.width > 50 && drawing.height > 30 : false,
      fits: drawing ? figure.view.width() > 0 && figure.querySelector('.drawing').scrollWidth <= figure.clientWidth + 1 : false,
    };
  }).filter(({marks, wide}) => !marks || !wide);
}

let faults = 0;
const fault = (sentence) => {
  console.log(`FAULT ${sentence}`);
  ++faults;
};

const browser = await puppeteer.launch({
  executablePath: process.env.TARN_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'],
});
for (const file of words) {
  for (const theme of ['light', 'dark']) {
    const page = await browser.newPage();
    await page.setViewport({width: 1280, height: 900});
    await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: theme}]);
    page.on('console', (message) => fault(`${file} (${theme}): the console says: ${message.text()}`));
    page.on('pageerror', (error) => fault(`${file} (${theme}): ${error.message}`));
    page.on('request', (request) => {
      const url = request.url();
      if (!/^(file|data|blob):/.test(url)) fault(`${file} (${theme}): it asks for ${url}`);
    });
    const start = performance.now();
    await page.goto(pathToFileURL(resolve(file)), {waitUntil: 'load'});
    const loaded = performance.now();
    await page.waitForSelector('html.all-drawn', {timeout: 60000});
    const drawn = performance.now();
    const count = await page.$$eval('figure[data-name]', (all) => all.length);
    if (count === 0) fault(`${file}: it has no figures`);
    // As many as were written, and the page's end: else something swallowed them.
    const written = readFileSync(file, 'utf8').split('<figure data-name=').length - 1;
    if (count !== written) fault(`${file}: ${count} of ${written} figures are there`);
    const footer = await page.$eval('body > footer', (end) => end.textContent.trim()).catch(() => '');
    if (!footer) fault(`${file}: it has no footer`);
    if (await page.evaluate(() => document.querySelector('main img, main script:not([type])') !== null)) {
      fault(`${file}: something of the data became an element`);
    }
    for (const {name, marks} of await page.evaluate(emptyFigures)) {
      fault(`${file} (${theme}): figure ${name} is empty (${marks} marks)`);
    }
    // The colours change with the reader's wish, without loading again.
    const other = theme === 'light' ? 'dark' : 'light';
    await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: other}]);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    for (const {name} of await page.evaluate(emptyFigures)) {
      fault(`${file}: figure ${name} is empty after the change to ${other}`);
    }
    await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: theme}]);
    const seconds = (from, to) => ((to - from) / 1000).toFixed(2);
    const megabytes = (statSync(file).size / 1e6).toFixed(2);
    console.log(`${file} (${theme}): ${megabytes} MB, ${count} figures, loaded in ${seconds(start, loaded)} s, all drawn in ${seconds(start, drawn)} s`);
    if (screenshots) {
      // Chromium takes no picture of a page beyond 16,384 pixels.
      const height = Math.min(15000, await page.evaluate(() => document.documentElement.scrollHeight));
      await page.screenshot({path: join(screenshots, `${basename(file, '.html')}-${theme}.png`),
        clip: {x: 0, y: 0, width: 1280, height}, captureBeyondViewport: true});
    }
    await page.close();
  }
}
await browser.close();
process.exitCode = faults > 0 ? 1 : 0;
