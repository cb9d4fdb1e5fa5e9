/** One column of the picture: whose it is, and what it shows at each place in the conversation. */
export interface Column {
  readonly title: string;
  readonly cells: ReadonlyMap<number, string>;
  /** What stands where it shows nothing. */
  readonly blank: (place: number) => string;
}

/** Columns of equal width beside each other, a row for each of `places`; cells are cut to fit into `width` in all. */
export function sideBySide(columns: readonly Column[], places: readonly number[], width: number): string[] {
  const own = Math.max(12, Math.floor((width - 3 * (columns.length - 1)) / Math.max(1, columns.length)));
  const row = (cells: readonly string[]) =>
    cells
      .map((cell) => fitted(cell, own))
      .join(' │ ')
      .trimEnd();
  return [
    row(columns.map(({ title }) => title)),
    columns.map(() => '─'.repeat(own)).join('─┼─'),
    ...places.map((place) => row(columns.map(({ cells, blank }) => cells.get(place) ?? blank(place)))),
  ];
}

function fitted(text: string, width: number): string {
  const characters = Array.from(text);
  const cut = characters.length > width ? [...characters.slice(0, width - 1), '…'] : characters;
  return cut.join('').padEnd(width + (cut.join('').length - cut.length));
}
