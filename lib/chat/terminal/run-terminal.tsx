import { render } from 'ink';
import type { ChatClient } from '../../client/chat-client.js';
import { type Columns, joinedColumns } from '../../display/graphemes.js';
import { colours, noColours } from '../../display/palette.js';
import { rows } from '../../display/rows.js';
import { chatLimits } from '../limits.js';
import type { SessionFacts } from './command.js';
import { columnsFrom, type KeyAction, readKeys, widthQuestion } from './keys.js';
import { LineFeed, Repaint } from './line-feed.js';
import { screenRows, TerminalScreen } from './terminal-screen.js';
import { type Screen, type TerminalEnd, TerminalSession } from './terminal-session.js';

export interface TerminalOptions extends Omit<SessionFacts, 'past'> {
  /** How many earlier events are shown again where an earlier session is gone on with; undefined where none is. */
  readonly past: number | undefined;
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  /** False for `NO_COLOR`. */
  readonly coloured: boolean;
  /** Its abort is a wish to leave. */
  readonly stop: AbortSignal;
}

const up = '\x1b[A';

/** Runs one session at a terminal until it ends, and leaves the terminal as it was. */
export async function runTerminal(client: ChatClient, options: TerminalOptions): Promise<TerminalEnd> {
  // Until there is a screen, events wait at the server.
  client.pause();
  const { input, output, stop } = options;
  const palette = options.coloured ? colours : noColours;

  let write = (drawn: string): void => void output.write(drawn);
  let drawn: Columns = joinedColumns;
  let onCursorAt: (column: number) => void = () => {};
  const listeners = new Set<() => void>();
  let screen: Screen;
  const changed = () => {
    // The next write tells of it: a message's mark goes when its line is there, not before.
    if (feed.isBehind) return;
    screen = session.screen;
    for (const listener of listeners) listener();
  };

  const feed = new LineFeed((lines) => {
    write(repaint.counted(lines.map((line) => rows(line, output.columns, palette)).join('')));
    changed();
  }, chatLimits);
  const repaint = new Repaint(
    output,
    (line) => rows(line, output.columns, palette),
    () => screenRows(screen, output),
  );
  const facts = { ...options, ...(await pastOf(client, options)) };
  const session = new TerminalSession(client, facts, (line) => feed.add(line), changed);
  screen = session.screen;

  // Whether what is read was typed before the terminal was in raw mode, or may have been.
  let isStarting = true;
  const act = (action: KeyAction) => {
    if (action.kind === 'cursor-at') onCursorAt(action.column);
    else session.act(action.kind === 'null' && isStarting ? { kind: 'end-of-input' } : action);
  };
  const stopReading = readKeys(input, output, act);
  drawn = await probeColumns(output, (listen) => {
    onCursorAt = listen;
  });
  isStarting = false;

  let asked = false;
  // A terminal that goes away says so by a signal and by errors: one wish, where a second one would end it at once.
  const leave = () => {
    if (!asked) session.leave();
    asked = true;
  };
  stop.addEventListener('abort', leave);
  output.on('error', leave);
  const instance = render(
    <TerminalScreen
      subscribe={(listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      }}
      screen={() => screen}
      onReady={(writeAbove) => {
        write = writeAbove;
      }}
      onResize={() => write(repaint.drawing(feed.kept))}
      codePointsMax={client.textCodePointsMax}
      drawn={() => drawn}
      palette={palette}
    />,
    { stdin: input, stdout: output, exitOnCtrlC: false, patchConsole: true },
  );
  session.start();
  client.resume();
  if (stop.aborted) leave();

  const end = await session.end;
  await options.keeper?.close(end === 'left');
  feed.close();
  instance.rerender(null);
  const unmounted = instance.waitUntilExit();
  instance.unmount();
  await unmounted;
  // Ink leaves an empty row where its rows were.
  output.write(up);
  stopReading();
  stop.removeEventListener('abort', leave);
  return end;
}

/** The events before those of a session that is gone on with; where there is no answer, that is one more news. */
async function pastOf(
  client: ChatClient,
  { past, news }: Pick<TerminalOptions, 'past' | 'news'>,
): Promise<Pick<SessionFacts, 'past' | 'news'>> {
  if (past === undefined) return { past, news };
  try {
    return { past: await client.history(past), news };
  } catch (error) {
    return { past: [], news: [...news, `Earlier events are not known: ${(error as Error).message}`] };
  }
}

/** Asks the terminal how wide it draws emoji sequences; one that does not answer in time is taken to join them. */
function probeColumns(
  output: NodeJS.WriteStream,
  onCursorAt: (listen: (column: number) => void) => void,
): Promise<Columns> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(joinedColumns), chatLimits.probeMsMax);
    onCursorAt((column) => {
      clearTimeout(late);
      resolve(columnsFrom(column));
    });
    output.write(widthQuestion);
  });
}
