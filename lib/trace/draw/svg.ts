import { attributes, escaped, tenths } from '../../display/markup.js';
import type { RunFacts } from './captions.js';
import { sizes } from './columns.js';
import type { Label, LabelRole, Line, Mark, MarkKind, Page, Picture } from './picture.js';

/** The colours of a picture on white. Each thing can be told from the others without them. */
const ink = '#1f2328';
const paper = '#ffffff';
const quiet = '#59636e';
const guide = '#e6e8eb';
const delivery = '#8b949e';

/** Dark enough for dots and thin lines on white, and unlike one another; more lifelines than these begin again. */
const hues = [
  '#0b62c4',
  '#b3400a',
  '#1a7f37',
  '#8a3ab9',
  '#a80f4f',
  '#00727a',
  '#7a5a00',
  '#3d4db7',
  '#c02626',
  '#4b6b0f',
  '#a1338c',
  '#5c4a42',
];

/** The colour of the `index`-th client's lifeline. */
function hue(index: number): string {
  return hues[index % hues.length] ?? ink;
}

/** A mark as drawn around the point 0, 0, in the colour `hue`: what it means is told by its shape alone. */
export function shapeOf(kind: MarkKind, hue: string): string {
  return shapes[kind](hue);
}

/** How far from its middle an arrow to a mark ends, in pixels. */
function reachOf(kind: MarkKind | undefined): number {
  return kind === 'stamp' || kind === 'stamp-crossed' ? 6 : 4;
}

/** Of what is drawn with the moment before it. */
const nothing = () => '';
const dot = (hue: string) => `<circle r="4" fill="${hue}"/>`;

const shapes: Readonly<Record<MarkKind, (hue: string) => string>> = {
  start: nothing,
  'log-begins': nothing,
  welcome: nothing,
  'ask-join': dot,
  'ask-resume': dot,
  'ask-leave': dot,
  send: dot,
  'send-again': (hue) => `<circle r="6" fill="${paper}" stroke="${hue}"/><circle r="3.2" fill="${hue}"/>`,
  stamp: () => `<rect x="-4.5" y="-4.5" width="9" height="9" rx="1" fill="${ink}"/>`,
  'stamp-crossed': () => `<path d="M0-6 6 0 0 6-6 0Z" fill="${paper}" stroke="${ink}" stroke-width="1.6"/>`,
  receive: (hue) => `<circle r="3" fill="${paper}" stroke="${hue}" stroke-width="1.3"/>`,
  'fill-in': (hue) => `<rect x="-3" y="-3" width="6" height="6" fill="${paper}" stroke="${hue}" stroke-width="1.3"/>`,
  'lose-connection': () => `<path d="M-4.5-4.5 4.5 4.5M-4.5 4.5 4.5-4.5" stroke="${ink}" stroke-width="2"/>`,
  refused: () =>
    `<circle r="4.5" fill="${paper}" stroke="${ink}" stroke-width="1.4"/><path d="M-3.2 3.2 3.2-3.2" stroke="${ink}" stroke-width="1.4"/>`,
  begin: (hue) => `<path d="M-8 0H8M0 0V5" stroke="${hue}" stroke-width="2.6"/>`,
  end: (hue) => `<path d="M-8 0H8M0 0V-5" stroke="${hue}" stroke-width="2.6"/>`,
  skip: () => `<path d="M0-3V-1.6M0-.7V.7M0 1.6V3" stroke="${quiet}" stroke-width="1.4"/>`,
  crossed: () =>
    `<path d="M-6-3.5 5 3.5M2.2 4.2 5 3.5 4 .8M-6 3.5 5-3.5M2.2-4.2 5-3.5 4-.8" fill="none" stroke="${ink}" stroke-width="1.1"/>`,
};

const fonts = "'Helvetica Neue', Arial, 'Liberation Sans', sans-serif";

/**
 * One page as an SVG document of its own: white paper, no script, no style sheet, nothing from elsewhere. `reactive`:
 * of a page that reacts; each mark and arrow then says what it stands for, with its vector clock.
 */
export function svg(picture: Picture, page: Page, reactive?: RunFacts): string {
  const [width, height] = [Math.ceil(page.width), Math.ceil(page.height)];
  const title = page.labels.find(({ role }) => role === 'title')?.whole ?? picture.title;
  const head = page.labels.find(({ role }) => role === 'name')?.box;
  const isHead = ({ role, box }: Label) => role === 'name' && box.y === head?.y;
  const colour = (lifeline: number | undefined) => colourOf(picture, lifeline);
  return [
    `<svg${attributes({ xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': title })}>`,
    `<title>${escaped(title)}</title>`,
    `<desc>${escaped(picture.description)}</desc>`,
    '<defs>',
    arrowHead('chit-publish', ink, 7),
    arrowHead('chit-delivery', delivery, 6),
    `<clipPath id="chit-page"><rect width="${width - sizes.margin / 2}" height="${height}"/></clipPath>`,
    '</defs>',
    `<rect width="${width}" height="${height}" fill="${paper}"/>`,
    `<g stroke="${guide}">`,
    ...page.guides.map((line) => `<path d="M${tenths(line.x1)} ${tenths(line.y1)}H${tenths(line.x2)}"/>`),
    '</g>',
    '<g fill="none">',
    ...page.lifelines.map((line) => {
      return `<path${attributes({ d: path(line), stroke: colour(line.lifeline), ...lifelineStyles[line.state] })}/>`;
    }),
    '</g>',
    ...arrowGroups(page, page.labels.filter(isHead).length > thinFrom, reactive),
    '<g class="marks">',
    ...page.marks.map((mark) => markSvg(mark, colour(mark.lifeline), reactive)),
    '</g>',
    `<g${attributes({ ...textStyle, 'clip-path': 'url(#chit-page)' })}>`,
    ...page.labels.filter((label) => !isHead(label)).map((label) => labelSvg(label, colour(label.lifeline))),
    '<g class="names">',
    ...page.labels.filter(isHead).map((label) => labelSvg(label, colour(label.lifeline))),
    '</g>',
    '</g>',
    '</svg>',
  ].join('\n');
}

/** Drawn to the exact widths of its font: a hinted one is as much as a pixel wider at each letter, on some machines. */
const textStyle = {
  'font-family': fonts,
  'font-size': sizes.text,
  'text-rendering': 'geometricPrecision',
  fill: ink,
} as const;

const lifelineStyles = {
  present: { 'stroke-width': 1.8 },
  offline: { 'stroke-width': 1.8, 'stroke-dasharray': '2 7' },
  waiting: { 'stroke-width': 1, 'stroke-dasharray': '1 3' },
} as const;

const arrowStyles = {
  publish: { stroke: ink, 'stroke-width': 1.5, head: 'chit-publish' },
  crossed: { stroke: ink, 'stroke-width': 1.5, 'stroke-dasharray': '6 3', head: 'chit-publish' },
  delivery: { stroke: delivery, 'stroke-width': 0.8, head: 'chit-delivery' },
  'fill-in': { stroke: delivery, 'stroke-width': 0.9, 'stroke-dasharray': '2 2.5', head: 'chit-delivery' },
} as const;

/** Lifelines from which on deliveries are drawn thinner: they would grow together to grey areas. */
const thinFrom = 8;

/** Rooms are drawn in ink. */
function colourOf({ clients }: Picture, lifeline: number | undefined): string {
  const at = lifeline === undefined ? -1 : clients.indexOf(lifeline);
  return at < 0 ? ink : hue(at);
}

function arrowHead(id: string, fill: string, size: number): string {
  return (
    `<marker id="${id}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="${size}" markerHeight="${size}" ` +
    `markerUnits="userSpaceOnUse" orient="auto"><path d="M0 1 8 4 0 7Z" fill="${fill}"/></marker>`
  );
}

function arrowGroups({ arrows, marks }: Page, thin: boolean, reactive: RunFacts | undefined): string[] {
  const kinds = new Map(marks.flatMap(({ moment, kind }) => (moment ? [[moment.index, kind]] : [])));
  // Deliveries first: what is published is drawn over them.
  return (['delivery', 'fill-in', 'publish', 'crossed'] as const).flatMap((kind) => {
    const group = arrows.filter((arrow) => arrow.kind === kind);
    if (group.length === 0) return [];
    const { head, ...style } = arrowStyles[kind];
    return [
      `<g${attributes({ fill: 'none', ...style, ...(kind === 'delivery' && thin ? { 'stroke-width': 0.45 } : {}) })}>`,
      ...group.map((arrow) => {
        const { arrives, from, to } = arrow;
        const line = arrives ? shortened(arrow, reachOf(to === undefined ? 'receive' : kinds.get(to))) : arrow;
        const ends = reactive && { class: 'arrow', 'data-from': from, 'data-to': to };
        return `<path${attributes({ d: path(line), 'marker-end': arrives ? `url(#${head})` : undefined, ...ends })}/>`;
      }),
      '</g>',
    ];
  });
}

function path({ x1, y1, x2, y2 }: Line): string {
  return `M${tenths(x1)} ${tenths(y1)}L${tenths(x2)} ${tenths(y2)}`;
}

function shortened<L extends Line>(line: L, by: number): L {
  const length = Math.hypot(line.x2 - line.x1, line.y2 - line.y1);
  const rest = length > by ? 1 - by / length : 1;
  return { ...line, x2: line.x1 + (line.x2 - line.x1) * rest, y2: line.y1 + (line.y2 - line.y1) * rest };
}

function markSvg(mark: Mark, colour: string, reactive: RunFacts | undefined): string {
  const title = mark.details ? `<title>${escaped(mark.details.join('\n'))}</title>` : '';
  const place = { transform: `translate(${tenths(mark.x)} ${tenths(mark.y)})` };
  const { moment } = mark;
  const shape = `${title}${shapeOf(mark.kind, colour)}`;
  if (!reactive || !moment) return `<g${attributes(place)}>${shape}</g>`;
  const data = {
    class: 'moment',
    'data-index': moment.index,
    'data-lifeline': moment.lifeline,
    'data-position': moment.position,
    'data-clock': reactive.causality.clockOf(moment.index).join(' '),
  };
  return `<g${attributes({ ...place, ...data })}><circle class="halo" r="8" fill="none"/>${shape}</g>`;
}

const textStyles: Readonly<Record<LabelRole, Readonly<Record<string, string | number>>>> = {
  title: { 'font-size': sizes.title, 'font-weight': 'bold' },
  name: { 'font-size': sizes.name, 'font-weight': 'bold' },
  time: { 'font-size': sizes.time, fill: quiet },
  sequence: { 'font-weight': 'bold' },
  said: {},
  note: { 'font-style': 'italic', fill: quiet },
  legend: { 'font-size': sizes.time + 1, fill: quiet },
};

function labelSvg({ role, text, aside, whole, align, box }: Label, colour: string): string {
  const size = Number(textStyles[role]['font-size'] ?? sizes.text);
  const x = box.x + (align === 'left' ? 0 : align === 'middle' ? box.width / 2 : box.width);
  const anchor = align === 'left' ? undefined : align === 'middle' ? 'middle' : 'end';
  const place = { x, y: box.y + box.height / 2 + size * 0.36, 'text-anchor': anchor };
  const title = whole !== undefined && whole !== text ? `<title>${escaped(whole)}</title>` : '';
  const tspan = `<tspan dx="${sizes.asideGap}" font-style="italic" fill="${quiet}">`;
  const behind = aside === undefined ? '' : `${tspan}${escaped(aside)}</tspan>`;
  const words = `<text${attributes({ ...place, ...textStyles[role] })}>${title}${escaped(text)}${behind}</text>`;
  if (role !== 'name') return words;
  const { x: left, y, width, height } = box;
  return `<rect${attributes({ x: left, y, width, height, rx: 4, fill: paper, stroke: colour, 'stroke-width': 1.4 })}/>${words}`;
}
