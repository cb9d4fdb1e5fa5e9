import { type Columns, joinedColumns, narrowColumns, separateColumns } from '../../display/graphemes.js';

const family = '👩‍👩‍👧';
const askForCursor = '\x1b[6n';

/** What to write so that the terminal tells how wide it draws an emoji sequence; it leaves an empty row. */
export const widthQuestion = `\r${family}${askForCursor}\r\x1b[K`;

/** How wide the terminal draws graphemes, by its answer: the cursor's column, from 1. */
export function columnsFrom(cursorColumn: number): Columns {
  const drawn = cursorColumn - 1;
  return [joinedColumns, narrowColumns, separateColumns].find((columns) => columns(family) === drawn) ?? joinedColumns;
}
