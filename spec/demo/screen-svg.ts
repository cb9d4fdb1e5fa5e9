import type { ScreenCell } from '../system/terminal-emulator.js';

const cell = { width: 8.4, height: 18 };
const margin = 14;
const ground = '#16181d';
const ink = '#d7dae0';
/** The first 16 colours of a terminal, as they look well on `ground`. */
const colours = [
  ...['#3b4048', '#e06c75', '#98c379', '#d19a66', '#61afef', '#c678dd', '#56b6c2', '#abb2bf'],
  ...['#5c6370', '#ff7b86', '#b5e890', '#e5c07b', '#8cc8ff', '#e29bf5', '#7fd6e0', '#ffffff'],
];

/** A screen as an SVG picture. */
export function screenSvg(rows: readonly (readonly ScreenCell[])[], title: string): string {
  while (rows.at(-1)?.every(({ text, inverse }) => text === ' ' && !inverse)) rows = rows.slice(0, -1);
  const columns = Math.max(...rows.map((row) => row.reduce((sum, { width }) => sum + width, 0)));
  const width = Math.ceil(columns * cell.width + 2 * margin);
  const height = rows.length * cell.height + 2 * margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${ground}"/>`,
    '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14" xml:space="preserve">',
    ...rows.flatMap((row, y) => rowSvg(row, margin + y * cell.height)),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function rowSvg(row: readonly ScreenCell[], top: number): string[] {
  let column = 0;
  const pieces: { at: number; columns: number; text: string; style: string; inverse: boolean }[] = [];
  for (const one of row) {
    const style = styleOf(one);
    const last = pieces.at(-1);
    // A wide character stands alone, because fonts differ about how wide it is.
    const joins = last && last.style === style && one.width === 1 && last.columns === last.text.length;
    if (joins) {
      last.text += one.text;
      last.columns += 1;
    } else pieces.push({ at: column, columns: one.width, text: one.text, style, inverse: one.inverse });
    column += one.width;
  }
  return pieces
    .filter(({ text, inverse }) => inverse || text.trim() !== '')
    .map((piece) => pieceSvg(trimmed(piece), top));
}

/** Without the spaces at its ends, which not every viewer gives their width. */
function trimmed<P extends { at: number; columns: number; text: string }>(piece: P): P {
  if (piece.columns !== piece.text.length || piece.text.trim() === '') return piece;
  const text = piece.text.trim();
  return { ...piece, at: piece.at + piece.text.indexOf(text), columns: text.length, text };
}

function pieceSvg(
  { at, columns, text, style, inverse }: { at: number; columns: number; text: string; style: string; inverse: boolean },
  top: number,
): string {
  const x = (margin + at * cell.width).toFixed(1);
  const length = (columns * cell.width).toFixed(1);
  const block = inverse ? `<rect x="${x}" y="${top}" width="${length}" height="${cell.height}" fill="${ink}"/>` : '';
  return `${block}<text x="${x}" y="${top + 14}" textLength="${length}" ${style}>${escaped(text)}</text>`;
}

function styleOf({ colour, bold, dim, inverse }: ScreenCell): string {
  const fill = inverse ? ground : colour === undefined ? ink : (colours[colour] ?? ink);
  return [`fill="${fill}"`, bold ? 'font-weight="bold"' : '', dim ? 'opacity="0.6"' : ''].filter(Boolean).join(' ');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
