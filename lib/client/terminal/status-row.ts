import type { Status } from '../chat-client.js';
import { displaySafe } from '../display/display-safe.js';
import { graphemes, mostColumns } from '../display/graphemes.js';

/** What the status row tells. */
export interface Standing {
  readonly room: string;
  readonly participants: readonly string[];
  /** The client's own Lamport time [S8]. */
  readonly time: number;
  readonly connection: Connection;
}

export type Connection = Status['state'] | 'leaving';

const words: Record<Connection, string> = {
  'catching-up': 'catching up …',
  live: 'connected',
  offline: 'offline',
  connecting: 'connecting …',
  'history-lost': 'history lost',
  leaving: 'leaving …',
  left: 'left',
  ended: 'disconnected',
};

/**
 * One row of at most `columns` columns: room, participants (their number, and as many names as fit), own Lamport time,
 * the connection. Where even the numbers do not fit, the row is cut.
 */
export function statusRow(standing: Standing, columns: number): string {
  const { participants } = standing;
  const before = `${displaySafe(standing.room)} · ${participants.length} here`;
  const after = ` · time ${standing.time} · ${words[standing.connection]}`;
  const room = columns - width(before) - width(after);
  return cut(before + names(participants, room) + after, columns);
}

/** `: ada, bob, +3`, as many as fit into `columns`, or nothing. */
function names(participants: readonly string[], columns: number): string {
  let shown = '';
  let used = 0;
  for (const [index, participant] of participants.entries()) {
    const name = (index === 0 ? ': ' : ', ') + displaySafe(participant);
    const left = participants.length - index - 1;
    const ending = left > 0 ? `, +${left}`.length : 0;
    if (used + width(name) + ending > columns) return index === 0 ? '' : `${shown}, +${left + 1}`;
    shown += name;
    used += width(name);
  }
  return shown;
}

function width(text: string): number {
  return graphemes(text).reduce((total, grapheme) => total + mostColumns(grapheme), 0);
}

function cut(row: string, columns: number): string {
  if (width(row) <= columns) return row;
  let kept = '';
  for (const grapheme of graphemes(row)) {
    if (width(kept) + mostColumns(grapheme) > columns - 1) break;
    kept += grapheme;
  }
  return `${kept}…`;
}
