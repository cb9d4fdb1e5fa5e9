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
