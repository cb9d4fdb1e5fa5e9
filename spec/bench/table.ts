import type { Result } from './case.js';
import { comparisons, costRatio, ratio } from './comparison.js';

const heads = [
  'case',
  'setting',
  'subject',
  '/s',
  'µs each',
  'p50 ms',
  'p99 ms',
  'max ms',
  'KiB',
  'load',
  'ratio',
  'cost ratio',
];

/** The results for people, as a Markdown table. The last columns have how many times better our server did
 * than this one, and how many times cheaper. */
export function table(results: readonly Result[]): string {
  const rows = comparisons(results).flatMap((comparison) =>
    comparison.results.map((result) => [
      result.case,
      result.setting,
      result.subject,
      digits(result.deliveriesPerSecond, 0),
      digits(result.cpuMicrosPerDelivery, 2),
      digits(result.p50Ms, 2),
      digits(result.p99Ms, 2),
      digits(result.maxMs, 2),
      digits(result.memoryBytes && result.memoryBytes / 1024, 0),
      digits(result.loadBusy, 2),
      ...(result.subject === 'chit-server' ? [undefined, undefined] : [ratio, costRatio]).map((of) =>
        digits(of?.(comparison, result.subject), 2),
      ),
    ]),
  );
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column < 3 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(heads), rule, ...rows.map(line), ''].join('\n');
}

function digits(value: number | undefined, count: number): string {
  if (value === undefined) return '';
  return value.toLocaleString('en', { minimumFractionDigits: count, maximumFractionDigits: count });
}
