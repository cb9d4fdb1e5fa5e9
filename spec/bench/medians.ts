import type { Figures, Result } from './case.js';

/** One result for each case, setting and subject: the median of each figure over the rounds (of an even number, the lower of the two). */
export function medians(results: readonly Result[]): Result[] {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const key = [result.case, result.setting, result.subject].join('\n');
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups.values()].map(medianOf);
}

function medianOf(group: readonly Result[]): Result {
  const [first] = group as readonly [Result];
  const figures = Object.entries(first).map(([name, value]) => {
    if (typeof value !== 'number') return [name, value];
    const values = group.map((result) => result[name as keyof Figures] as number).sort((a, b) => a - b);
    return [name, values[(values.length - 1) >>> 1]];
  });
  return Object.fromEntries(figures) as Result;
}
