import { escaped } from '../../display/markup.js';
import type { RunFacts } from './captions.js';
import type { Picture } from './picture.js';
import { svg } from './svg.js';

/**
 * A picture of one page as a web page of its own, to be zoomed and moved, in which an event can be picked to see what
 * happened before it, what after it, and what is concurrent with it. It loads nothing and sends nothing: its
 * Content-Security-Policy allows its own script and style alone, by their hashes. `sha256` is the hash of a text's
 * UTF-8 in Base64.
 */
export function html(picture: Picture, facts: RunFacts, sha256: (text: string) => string): string {
  const [page] = picture.pages;
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${sha256(pageScript)}'`,
    `style-src 'sha256-${sha256(pageStyle)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(picture.title)}</title>`,
    `<style>${pageStyle}</style>`,
    '</head>',
    '<body>',
    page ? svg(picture, page, facts) : '',
    panel,
    `<script>${pageScript}</script>`,
    '</body>',
    '</html>',
  ].join('\n');
}

const panel = `<aside>
<p id="view"><button type="button" id="nearer" title="Zoom in (+)">+</button>
<button type="button" id="farther" title="Zoom out (-)">−</button>
<button type="button" id="whole" title="Whole width (0)">Whole width</button></p>
<div id="picked" role="status"><p>Click an event to see its causal past and future.</p></div>
<ul id="signs" hidden>
<li><span class="sign before"></span><span id="before"></span> happened before it</li>
<li><span class="sign after"></span><span id="after"></span> happened after it</li>
<li><span class="sign besides"></span><span id="besides"></span> concurrent with it</li>
</ul>
<p id="keys">Wheel, + and −: zoom. Drag and arrow keys: move. N and P: next and previous event. Esc: clear.</p>
</aside>`;

/** The style sheet of the web page. Past, future and concurrent differ by ring and weight, not by colour alone. */
const pageStyle = `
html, body { margin: 0; height: 100%; overflow: hidden; background: #fff; font: 13px/1.4 system-ui, sans-serif; color: #1f2328; }
svg { display: block; width: 100vw; height: 100vh; touch-action: none; cursor: grab; user-select: none; }
svg.moving { cursor: grabbing; }
.moment { cursor: pointer; }
.moment:hover .halo { stroke: #59636e; stroke-width: 1; }
.picking .moment, .picking .arrow { opacity: .18; }
.picking .moment.before, .picking .moment.after, .picking .moment.picked { opacity: 1; }
.picking .arrow.before, .picking .arrow.after { opacity: 1; stroke-width: 1.4; }
.moment.before .halo { stroke: #1f2328; stroke-width: 1.5; }
.moment.after .halo { stroke: #1f2328; stroke-width: 1.5; stroke-dasharray: 2.5 2.5; }
.moment.picked .halo { stroke: #bc4c00; stroke-width: 4; }
aside { position: fixed; right: 12px; bottom: 12px; width: 300px; max-height: 60vh; overflow: auto; padding: 10px 14px;
  background: #fffffff2; border: 1px solid #d1d9e0; border-radius: 8px; box-shadow: 0 2px 8px #0002; overflow-wrap: anywhere; }
aside p { margin: 4px 0; }
aside ul { margin: 6px 0; padding: 0; list-style: none; }
#picked p:first-child { font-weight: 600; }
#keys { color: #59636e; font-size: 12px; }
.sign { display: inline-block; box-sizing: border-box; width: 14px; height: 14px; margin-right: 7px; vertical-align: -2px; border-radius: 50%; }
.sign.before { border: 2px solid #1f2328; }
.sign.after { border: 2px dashed #1f2328; }
.sign.besides { background: #d1d9e0; transform: scale(.5); }
button { font: inherit; padding: 1px 9px; border: 1px solid #d1d9e0; border-radius: 6px; background: #f6f8fa; cursor: pointer; }
@media print { aside { display: none; } }
`;

/**
 * The script of the web page, as it runs in the browser. It tells what happened before what by the marks' vector
 * clocks: a before b exactly if b's clock has at least a's position at a's lifeline (Fidge 1988, Mattern 1989).
 */
const pageScript = String.raw`'use strict';
const svg = document.querySelector('svg');
const [width, height] = svg.getAttribute('viewBox').split(' ').slice(2).map(Number);
const names = svg.querySelector('.names');
const namesBox = names.querySelector('rect').getBBox();
const at = (id) => document.getElementById(id);
svg.removeAttribute('width');
svg.removeAttribute('height');

// The names stay in sight: on a band of paper, when they are not at their own place.
const band = document.createElementNS(svg.namespaceURI, 'rect');
for (const [name, value] of Object.entries({ y: namesBox.y - 6, width, height: namesBox.height + 12, fill: '#fff', 'fill-opacity': 0.9 })) {
  band.setAttribute(name, value);
}
names.prepend(band);

// The view: the paper's point in the window's upper left corner, and how many pixels of the screen one of the paper takes.
const limits = { scaleMin: 0.05, scaleMax: 8, step: 1.25, dragFrom: 4 };
let view;

function show(x, y, scale) {
  const [wide, high] = [innerWidth / scale, innerHeight / scale];
  const inside = (start, size, shown) =>
    size <= shown ? (size - shown) / 2 : Math.min(Math.max(start, 0), size - shown);
  // A picture that is shorter than the window stands at its top, and what is behind the panel can be moved from there.
  const end = height + document.querySelector('aside').offsetHeight / scale;
  view = { x: inside(x, width, wide), y: Math.max(0, inside(y, end, high)), scale };
  svg.setAttribute('viewBox', [view.x, view.y, wide, high].join(' '));
  const down = Math.max(0, view.y - namesBox.y + 6);
  names.setAttribute('transform', 'translate(0 ' + down + ')');
  band.setAttribute('visibility', down > 0 ? 'visible' : 'hidden');
}

function zoom(factor, x = innerWidth / 2, y = innerHeight / 2) {
  const scale = Math.min(Math.max(view.scale * factor, limits.scaleMin), limits.scaleMax);
  show(view.x + x / view.scale - x / scale, view.y + y / view.scale - y / scale, scale);
}

function move(x, y) {
  show(view.x + x / view.scale, view.y + y / view.scale, view.scale);
}

function wholeWidth() {
  show(0, view ? view.y : 0, Math.min(innerWidth / width, 1.5));
}

const moments = Array.from(svg.querySelectorAll('.moment'), (element) => ({
  element,
  index: Number(element.dataset.index),
  lifeline: Number(element.dataset.lifeline),
  position: Number(element.dataset.position),
  clock: element.dataset.clock.split(' ').map(Number),
})).sort((a, b) => a.index - b.index);
const arrows = Array.from(svg.querySelectorAll('.arrow[data-to]'), (element) => ({
  element,
  from: Number(element.dataset.from),
  to: Number(element.dataset.to),
}));
let picked;

function relation(moment) {
  if (moment === picked) return 'picked';
  if (picked.clock[moment.lifeline] >= moment.position) return 'before';
  return moment.clock[picked.lifeline] >= picked.position ? 'after' : 'besides';
}

function pick(moment) {
  picked = moment;
  svg.classList.toggle('picking', Boolean(moment));
  at('signs').hidden = !moment;
  const relations = new Map(moments.map((one) => [one.index, moment ? relation(one) : '']));
  for (const one of moments) mark(one.element, relations.get(one.index));
  for (const { element, from, to } of arrows) mark(element, arrowRelation(relations.get(from), relations.get(to)));
  const lines = moment
    ? moment.element.querySelector('title').textContent.split('\n')
    : ['Click an event to see its causal past and future.'];
  at('picked').replaceChildren(...lines.map(paragraph));
  const count = (name) => [...relations.values()].filter((one) => one === name).length;
  for (const name of ['before', 'after', 'besides']) at(name).textContent = count(name);
}

function arrowRelation(from, to) {
  if (from === 'before' && (to === 'before' || to === 'picked')) return 'before';
  return to === 'after' && (from === 'after' || from === 'picked') ? 'after' : '';
}

function mark(element, relation) {
  for (const name of ['before', 'after', 'besides', 'picked']) element.classList.toggle(name, name === relation);
}

function paragraph(text) {
  const element = document.createElement('p');
  element.textContent = text;
  return element;
}

function pickNext(by) {
  const next = picked ? moments.indexOf(picked) + by : by > 0 ? 0 : moments.length - 1;
  if (!moments[next]) return;
  pick(moments[next]);
  const box = picked.element.getBoundingClientRect();
  const outside = box.top < 80 || box.bottom > innerHeight - 40 || box.left < 20 || box.right > innerWidth - 20;
  if (outside) move(box.left - innerWidth / 2, box.top - innerHeight / 2);
}

let drag;
svg.addEventListener('pointerdown', (event) => {
  if (event.button !== 0) return;
  drag = { x: event.clientX, y: event.clientY, moved: false, target: event.target.closest('.moment') };
});
addEventListener('pointermove', (event) => {
  if (!drag) return;
  const [x, y] = [drag.x - event.clientX, drag.y - event.clientY];
  if (!drag.moved && Math.hypot(x, y) < limits.dragFrom) return;
  move(x, y);
  drag = { ...drag, x: event.clientX, y: event.clientY, moved: true };
  svg.classList.add('moving');
});
addEventListener('pointerup', () => {
  if (drag && !drag.moved) pick(moments.find(({ element }) => element === drag.target));
  drag = undefined;
  svg.classList.remove('moving');
});
addEventListener('pointercancel', () => {
  drag = undefined;
  svg.classList.remove('moving');
});
svg.addEventListener('wheel', (event) => {
  event.preventDefault();
  zoom(Math.pow(limits.step, -Math.sign(event.deltaY)), event.clientX, event.clientY);
}, { passive: false });

const keys = {
  '+': () => zoom(limits.step),
  '=': () => zoom(limits.step),
  '-': () => zoom(1 / limits.step),
  '0': wholeWidth,
  ArrowUp: () => move(0, -80),
  ArrowDown: () => move(0, 80),
  ArrowLeft: () => move(-80, 0),
  ArrowRight: () => move(80, 0),
  PageUp: () => move(0, -0.9 * innerHeight),
  PageDown: () => move(0, 0.9 * innerHeight),
  Home: () => show(0, 0, view.scale),
  End: () => show(0, height, view.scale),
  n: () => pickNext(1),
  p: () => pickNext(-1),
  Escape: () => pick(undefined),
};
addEventListener('keydown', (event) => {
  const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
at('nearer').addEventListener('click', () => zoom(limits.step));
at('farther').addEventListener('click', () => zoom(1 / limits.step));
at('whole').addEventListener('click', wholeWidth);
addEventListener('resize', () => show(view.x, view.y, view.scale));
wholeWidth();
`;
