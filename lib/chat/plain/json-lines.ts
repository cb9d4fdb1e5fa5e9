import type { ChatClient, Status } from '../../client/chat-client.js';
import type { RoomEvent } from '../../core/event.js';
import { isConnected } from '../connection-news.js';

/** What a line of JSON tells of where the client is. */
type Where = Pick<ChatClient, 'room' | 'place' | 'time'>;

/**
 * An event as one line of JSON for programs: its room and log id (a sequence means something only together with it
 * [P1]), what the event has, its time in ISO 8601, and `clock`, the client's own Lamport time after receiving it [S8].
 * Nothing is made safe for a screen.
 */
export function eventJson(event: RoomEvent, { room, place, time: clock }: Where): string {
  const { kind, sequence, lamport, timeMs, participant, chain, ...more } = event;
  const time = new Date(timeMs).toISOString();
  const { logId } = place;
  return JSON.stringify({ kind, room, logId, sequence, lamport, time, participant, ...more, chain, clock });
}

/**
 * What became of the connection, as lines of JSON whose `kind` no event has: `connected`, `offline` and `history-lost`.
 * Each is told once, however many tries there are in between; what follows a `history-lost` is of another log.
 */
export function connectionJson(client: Where, write: (line: string) => void): (status: Status) => void {
  let connected: boolean | undefined;
  const tell = (kind: 'connected' | 'offline' | 'history-lost', more: object = {}) => {
    const { room, place } = client;
    const { logId, sequence } = place;
    write(JSON.stringify({ kind, room, logId, sequence, time: new Date().toISOString(), ...more }));
  };
  return (status) => {
    if (status.state === 'history-lost') tell('history-lost');
    if (status.state === 'offline' && connected !== false) tell('offline', { reason: status.reason });
    if (isConnected(status) && connected !== true) tell('connected');
    if (status.state === 'offline' || isConnected(status)) connected = isConnected(status);
  };
}
