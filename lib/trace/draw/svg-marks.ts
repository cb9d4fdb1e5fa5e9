import type { MarkKind } from './picture.js';

/** The colours of a picture on white. Each thing can be told from the others without them. */
export const ink = '#1f2328';
export const paper = '#ffffff';
export const quiet = '#59636e';
export const guide = '#e6e8eb';
export const delivery = '#8b949e';

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
export function hue(index: number): string {
  return hues[index % hues.length] ?? ink;
}

/** A mark as drawn around the point 0, 0, in the colour `hue`: what it means is told by its shape alone. */
export function shapeOf(kind: MarkKind, hue: string): string {
  return shapes[kind](hue);
}

/** How far from its middle an arrow to a mark ends, in pixels. */
export function reachOf(kind: MarkKind | undefined): number {
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
