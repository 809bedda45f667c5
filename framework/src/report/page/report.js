// Draws the figures of a page as they come into view, and again when its colours change; saves them.
import {Handler} from 'vega-tooltip';
import {csvOf, viewOf, whole} from './figures.js';

const manyMarks = 3000;  // an SVG of more is slow to scroll
const themes = JSON.parse(document.getElementById('theme').textContent);
const dark = matchMedia('(prefers-color-scheme: dark)');
const tooltip = new Handler({disableDefaultStyle: true}).call;

class Plot {
  constructor(figure) {
    this.figure = figure;
    this.place = figure.querySelector('.drawing');
    this.name = figure.dataset.name;
    for (const button of figure.querySelectorAll('button[data-save]')) {
      button.addEventListener('click', () => this.save(button.dataset.save));
    }
    figure.querySelector('.save').hidden = false;
  }

  get content() {
    this.parsed ??= JSON.parse(this.figure.querySelector('script').textContent);
    return this.parsed;
  }

  specification(theme) {
    return whole(this.content, themes[theme]);
  }

  /** A figure that cannot be drawn says so, and does not keep the others from it. */
  draw(theme = dark.matches ? 'dark' : 'light') {
    if (this.theme === theme) return;
    this.theme = theme;
    try {
      this.paint(theme);
    } catch (error) {
      console.error(`figure ${this.name}: ${error.message}`);
      this.place.textContent = `This figure cannot be drawn: ${error.message}`;
    }
  }

  paint(theme) {
    this.figure.view?.finalize();
    this.figure.view = null;
    const specification = this.specification(theme);
    const sizes = Object.values(specification.datasets).map((rows) => rows.length);
    const renderer = sizes.reduce((a, b) => a + b, 0) > manyMarks ? 'canvas' : 'svg';
    this.place.replaceChildren();
    const view = viewOf(specification, {renderer, container: this.place, hover: true, tooltip});
    this.figure.view = view;
    view.run();  // at once: the page may be on its way to a printer
    this.figure.classList.add('drawn');
  }

  async save(kind) {
    const specification = {...this.specification('light'), background: 'white'};
    if (kind === 'specification') {
      return offer(`${this.name}.vl.json`, 'application/json', JSON.stringify(specification, null, 1));
    }
    if (kind === 'data') {
      const tables = Object.entries(this.content.data);
      for (const [table, columns] of tables) {
        const name = tables.length === 1 ? this.name : `${this.name}_${table}`;
        offer(`${name}.csv`, 'text/csv', csvOf(columns));
      }
      return;
    }
    const view = viewOf(specification, {renderer: 'none'});
    if (kind === 'svg') {
      offer(`${this.name}.svg`, 'image/svg+xml', await view.toSVG());
    } else {
      const canvas = await view.toCanvas(2);
      canvas.toBlob((blob) => offer(`${this.name}.png`, 'image/png', blob));
    }
    view.finalize();
  }
}

function offer(file, type, content) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], {type}));
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

const plots = [...document.querySelectorAll('figure[data-name]')].map((figure) => new Plot(figure));
const plotOf = new Map(plots.map((plot) => [plot.figure, plot]));

const nearby = new IntersectionObserver(
  (entries) => {
    for (const {isIntersecting, target} of entries) {
      if (isIntersecting) plotOf.get(target).draw();
    }
  },
  {rootMargin: '400px'},
);
for (const plot of plots) nearby.observe(plot.figure);

// The others follow while nobody waits, so that searching, printing and jumping find them there.
const idle = window.requestIdleCallback ?? ((work) => setTimeout(work, 50));
const waiting = [...plots];
function drawNext() {
  const plot = waiting.shift();
  if (!plot) return document.documentElement.classList.add('all-drawn');
  if (!plot.theme) plot.draw();
  idle(drawNext);
}
idle(drawNext);

const redraw = (theme) => plots.filter((plot) => plot.theme).forEach((plot) => plot.draw(theme));
dark.addEventListener('change', () => redraw());
addEventListener('beforeprint', () => plots.forEach((plot) => plot.draw('light')));
addEventListener('afterprint', () => redraw());
