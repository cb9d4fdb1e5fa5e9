/** A run of whole numbers, first and last included. */
export type Span = readonly [first: number, last: number];

/** The runs that rising numbers make. */
export function spansOf(rising: Iterable<number>): Span[] {
  const spans: [number, number][] = [];
  for (const sequence of rising) {
    const last = spans.at(-1);
    if (last && sequence <= last[1] + 1) last[1] = Math.max(last[1], sequence);
    else spans.push([sequence, sequence]);
  }
  return spans;
}

/** What is in both. */
export function common(one: readonly Span[], other: readonly Span[]): Span[] {
  const shared: Span[] = [];
  let [a, b] = [0, 0];
  for (;;) {
    const [left, right] = [one[a], other[b]];
    if (!left || !right) return shared;
    const [first, last] = [Math.max(left[0], right[0]), Math.min(left[1], right[1])];
    if (first <= last) shared.push([first, last]);
    if (left[1] < right[1]) a += 1;
    else b += 1;
  }
}

export function countOf(spans: readonly Span[]): number {
  return spans.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** `1 to 10, 50, 52 and 53` */
export function inWords(spans: readonly Span[]): string {
  return listed(
    spans.flatMap(([first, last]) =>
      last - first > 1 ? `${first} to ${last}` : [...new Set([`${first}`, `${last}`])],
    ),
  );
}

/** The same as signs: `3–5, 7` */
export function inSigns(spans: readonly Span[]): string {
  return spans.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(', ');
}

/** `ada, bob and cyd` */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** `1 event`, `2 events`: of things whose plural is so. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
