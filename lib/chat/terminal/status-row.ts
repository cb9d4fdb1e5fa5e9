import type { Status } from '../../client/chat-client.js';
import { displaySafe } from '../../display/display-safe.js';
import { columnsOf, fitting } from '../../display/graphemes.js';

/** What the status row tells. */
export interface Standing {
  readonly room: string;
  readonly participants: readonly string[];
  /** The client's own Lamport time [S8]. */
  readonly time: number;
  readonly connection: ConnectionStatus;
  /** The wall clock's time. */
  readonly nowMs: number;
}

const separator = ' · ';

/**
 * One row of at most `columns` columns: room, participants (their number, and as many names as fit), own Lamport time,
 * the connection. Where room is scarce the names go first, then the Lamport time, then words of the connection, then
 * the number of participants; what is left is cut.
 */
export function statusRow({ room, participants, time, connection, nowMs }: Standing, columns: number): string {
  const [name, here, clock] = [displaySafe(room), `${participants.length} here`, `time ${time}`];
  const words = connectionWords(connection, nowMs);
  const [longest = '', shortest = ''] = [words[0], words.at(-1)];

  const whole = [name, here, clock, longest].join(separator);
  if (columnsOf(whole) <= columns) {
    const before = [name, here].join(separator);
    return before + names(participants, columns - columnsOf(whole)) + whole.slice(before.length);
  }
  const shorter = words.flatMap((word) => [
    [name, here, clock, word],
    [name, here, word],
  ]);
  const candidates = [...shorter, ...words.map((word) => [name, word])].map((parts) => parts.join(separator));
  return candidates.find((row) => columnsOf(row) <= columns) ?? fitting([shortest, name].join(separator), columns);
}

/** `: ada, bob, +3`, as many as fit into `columns`, or nothing. */
function names(participants: readonly string[], columns: number): string {
  let shown = '';
  let used = 0;
  for (const [index, participant] of participants.entries()) {
    const name = (index === 0 ? ': ' : ', ') + displaySafe(participant);
    const left = participants.length - index - 1;
    const ending = left > 0 ? `, +${left}`.length : 0;
    if (used + columnsOf(name) + ending > columns) return index === 0 ? '' : `${shown}, +${left + 1}`;
    shown += name;
    used += columnsOf(name);
  }
  return shown;
}

/** How the session stands for who sits at the terminal. */
export type ConnectionStatus = Status | { readonly state: 'leaving' };

/** It in words, the longest first, for rows with less and less room. `nowMs` is the wall clock's time. */
export function connectionWords(connection: ConnectionStatus, nowMs: number): readonly string[] {
  switch (connection.state) {
    case 'live':
      return ['connected'];
    case 'catching-up':
      return [`catching up: ${connection.behind} behind`, `${connection.behind} behind`];
    case 'offline':
      return offline(connection.sinceMs, nextTry(connection.retryAtMs - nowMs));
    case 'connecting':
      return offline(connection.sinceMs, ['trying …', 'trying …']);
    case 'history-lost':
      return ['history lost, connecting …', 'history lost'];
    case 'leaving':
      return ['leaving …'];
    case 'left':
      return ['left'];
    case 'ended':
      return ['disconnected'];
  }
}

function offline(sinceMs: number, [next, inShort]: readonly [string, string]): readonly string[] {
  return [`offline since ${clockTime(sinceMs)}, ${next}`, `offline, ${inShort}`, 'offline'];
}

function nextTry(ms: number): readonly [string, string] {
  if (ms <= 0) return ['trying …', 'trying …'];
  const seconds = Math.ceil(ms / 1000);
  return [`next try in ${seconds} s`, `try in ${seconds} s`];
}

/** The time of day where the reader is, such as `14:03:05`. */
function clockTime(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}
