import type { Status } from '../../client/chat-client.js';

/** How the visit stands for who sits at the terminal. */
export type Connection = Status | { readonly state: 'leaving' };

/** It in words, the longest first, for rows with less and less room. `nowMs` is the wall clock's time. */
export function connectionWords(connection: Connection, nowMs: number): readonly string[] {
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
