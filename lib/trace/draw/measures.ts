/** Sizes that all pages have, in pixels. */
export const sizes = {
  margin: 16,
  title: 16,
  titleHeight: 30,
  name: 12,
  nameHeight: 24,
  /** Between the names and the first logical time. */
  headGap: 16,
  text: 12,
  textHeight: 15,
  time: 10,
  /** The least width of the logical times, and from them to the plot. */
  gutterMin: 32,
  gutterGap: 8,
  /** A title and the longest line of the legend have room. */
  pageWidthMin: 540,
  /** From the last room's lifeline to what is said beside it. */
  ledgerGap: 14,
  ledgerMin: 120,
  /** Between what is said and what is said behind it. */
  asideGap: 8,
  crossedWidth: 18,
  sequenceGap: 8,
  /** Additional height where logical times are left out. */
  skip: 8,
  legendGap: 14,
  legendRow: 20,
  legendSample: 44,
} as const;

/** How wide things may be drawn, by how many there are. */
export interface Measures {
  /** The least height between two marks on a lifeline. */
  readonly pitch: number;
  /** Between lifelines; more where names need it, up to `columnMax`. */
  readonly column: number;
  readonly columnMax: number;
  /** For what is said. */
  readonly ledger: number;
}

/** Generous while the picture is small. */
export function measuresFor(lifelines: number, moments: number): Measures {
  const pitch = moments <= 60 ? 26 : moments <= 400 ? 20 : 17;
  if (lifelines <= 5) return { pitch, column: 120, columnMax: 160, ledger: 360 };
  if (lifelines <= 8) return { pitch, column: 92, columnMax: 130, ledger: 340 };
  return { pitch, column: 68, columnMax: 110, ledger: 320 };
}
