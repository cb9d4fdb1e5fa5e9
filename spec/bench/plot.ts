import type { Result } from './case.js';
import { comparisons } from './comparison.js';
import type { SubjectName } from './subjects/subject.js';

/** Of those that are compared. */
const colours: Partial<Record<SubjectName, string>> = {
  'chit-server': '#3b7dd8',
  'chit-server, process': '#8db4ea',
  'the other build': '#7a5bb0',
  'node:http2': '#9aa5b1',
  'node:http2, gated': '#c6ced6',
  'node:http2, durable': '#6f7a86',
  'nats-server': '#d8943b',
  'nats jetstream': '#ecc48c',
};
const bar = { height: 14, gap: 3, groupGap: 16 };
const width = 860;
const labels = 250;
const figures = 130;
const margin = 16;
/** The names of the subjects, so many in a row. */
const legend = { inRow: 4, columnWidth: 150, rowHeight: 20 };

/** The results' deliveries a second as grouped bars, each group scaled to its longest, which it says: an SVG picture. */
export function plot(results: readonly Result[]): string {
  const groups = comparisons(results).flatMap(({ case: name, setting, results: group }) => {
    const shown = group.filter(({ deliveriesPerSecond }) => deliveriesPerSecond);
    return shown.length < 2 || shown.some(({ paced }) => paced) ? [] : [{ name, setting, shown }];
  });
  const names = namesOf(new Set(groups.flatMap(({ shown }) => shown.map(({ subject }) => subject))));
  const drawn: string[] = [];
  let y = margin + names.height + 24;
  for (const { name, setting, shown } of groups) {
    const most = Math.max(...shown.map(({ deliveriesPerSecond = 0 }) => deliveriesPerSecond));
    const middle = y + (shown.length * (bar.height + bar.gap)) / 2;
    drawn.push(text(margin, middle + 2, `${name}, ${setting}`));
    for (const { subject, deliveriesPerSecond = 0, cpuMicrosPerDelivery = 0 } of shown) {
      const length = ((width - labels - figures - margin) * deliveriesPerSecond) / most;
      drawn.push(
        `<rect x="${labels}" y="${y}" width="${length.toFixed(1)}" height="${bar.height}" fill="${colours[subject]}"/>`,
        text(labels + length + 6, y + 11, `${thousands(deliveriesPerSecond)} (${cpuMicrosPerDelivery.toFixed(2)} µs)`),
      );
      y += bar.height + bar.gap;
    }
    y += bar.groupGap;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" role="img">`,
    "<title>Deliveries a second, and the server's processor time for each</title>",
    `<rect width="${width}" height="${y}" fill="#ffffff"/>`,
    '<g font-family="system-ui, sans-serif" font-size="12" fill="#24292f">',
    ...names.drawn,
    text(
      labels,
      margin + names.height + 2,
      'Each group has a scale of its own: its longest bar is the fastest server of that group.',
    ),
    ...drawn,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** The names of what is compared, with their colours, in rows. */
function namesOf(compared: ReadonlySet<SubjectName>): { readonly drawn: readonly string[]; readonly height: number } {
  const shown = (Object.entries(colours) as [SubjectName, string][]).filter(([subject]) => compared.has(subject));
  const drawn = shown.map(([subject, colour], index) => {
    const x = labels + (index % legend.inRow) * legend.columnWidth;
    const y = margin + Math.floor(index / legend.inRow) * legend.rowHeight;
    return `<rect x="${x}" y="${y - 8}" width="12" height="12" fill="${colour}"/>${text(x + 18, y + 2, subject)}`;
  });
  return { drawn, height: Math.ceil(shown.length / legend.inRow) * legend.rowHeight };
}

function text(x: number, y: number, content: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}">${content}</text>`;
}

function thousands(value: number): string {
  return value >= 10_000 ? `${Math.round(value / 1000)}k/s` : `${Math.round(value)}/s`;
}
