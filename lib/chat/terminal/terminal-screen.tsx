import { Box, Text, useCursor, useStdout } from 'ink';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Columns } from '../../display/graphemes.js';
import type { Palette } from '../../display/palette.js';
import { inputRow, prompt } from './input-row.js';
import { statusRow } from './status-row.js';
import type { Screen } from './terminal-session.js';
import { unsentRows } from './unsent.js';

export interface TerminalScreenProps {
  /** Calls back when `screen()` is another; returns how to stop that. */
  readonly subscribe: (changed: () => void) => () => void;
  readonly screen: () => Screen;
  /** Is given how to write above the rows that this component draws. */
  readonly onReady: (write: (rows: string) => void) => void;
  /** Called after the terminal was resized and these rows drawn anew. */
  readonly onResize: () => void;
  readonly codePointsMax: number;
  readonly drawn: () => Columns;
  readonly palette: Palette;
}

/** Status, input and the empty row that ink leaves. */
const rowsAlways = 3;

/** How many rows `TerminalScreen` takes in a terminal of this size. */
export function screenRows({ unsent }: Screen, terminal: { columns: number; rows: number }): number {
  return rowsAlways + unsentRows(unsent, terminal).length;
}

/**
 * The rows below the conversation: what is not sent yet, the status, the input line. The conversation itself is written
 * above them, not rendered: ink's `<Static>` keeps every line that it ever printed.
 */
export function TerminalScreen(props: TerminalScreenProps) {
  const { palette, onReady } = props;
  const { stdout, write } = useStdout();
  const { setCursorPosition } = useCursor();
  const columns = useColumns(stdout, props.onResize);
  const { editor, standing, unsent } = useSyncExternalStore(props.subscribe, props.screen);
  useEffect(() => onReady(write), [onReady, write]);

  const input = inputRow(editor, props.codePointsMax, columns, props.drawn());
  const marked = unsentRows(unsent, { columns, rows: stdout.rows || rowsDefault });
  setCursorPosition({ x: Math.min(input.cursorColumn, columns - 1), y: marked.length + 1 });
  return (
    <Box flexDirection="column">
      {marked.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is nothing but its place
        <Text key={index} wrap="truncate">
          {palette(row, 'notice')}
        </Text>
      ))}
      <Text wrap="truncate">{palette(statusRow(standing, columns), 'faint')}</Text>
      <Text wrap="truncate">
        {palette(prompt, 'faint')}
        {input.shown}
        {input.gap}
        {palette(input.counter, input.over ? 'alert' : 'faint')}
      </Text>
    </Box>
  );
}

const columnsDefault = 80;
const rowsDefault = 24;

function useColumns(stdout: NodeJS.WriteStream, onResize: () => void): number {
  const [columns, setColumns] = useState(stdout.columns || columnsDefault);
  useEffect(() => {
    const resized = () => {
      setColumns(stdout.columns || columnsDefault);
      onResize();
    };
    stdout.on('resize', resized);
    return () => void stdout.off('resize', resized);
  }, [stdout, onResize]);
  return columns;
}
