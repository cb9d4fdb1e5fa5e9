import { common, countOf, inWords, listed, type Span, spansOf } from '../../display/spans.js';
import type { Evidence } from '../history/evidence.js';
import { serversOf } from '../history/readers.js';
import type { RoomLog } from '../history/room-log.js';
import type { Violation } from './violation.js';

/** Digits of a chain that are told. */
const chainDigits = 6;

const ofReceipts: ReadonlySet<string> = new Set(['P1', 'P2', 'P3']);

/** What was received in each room, and which clients had it alike, but for those whose receipts break a promise. */
export function statementsOf(violations: readonly Violation[], { logs, readers }: Evidence): string[] {
  const servers = serversOf(readers);
  const broken = violations.filter(({ promise }) => ofReceipts.has(promise));
  const faulty = new Set(broken.flatMap(({ where }) => where.client ?? []));
  return logs.perRoom().flatMap((ofRoom) =>
    ofRoom.flatMap((log, index) => {
      const at = [...(servers.get(log) ?? [])].join(', ');
      const which = `history ${index + 1} of ${ofRoom.length}${at && `, on ${at}`}`;
      const room = `room ${log.room}${ofRoom.length > 1 ? ` (${which})` : ''}`;
      const received = new Map<string, Span[]>();
      for (const { client, ranges } of readers) {
        const receipts = ranges.flatMap((range) => (range.log === log ? range.receipts : []));
        const sequences = new Set(receipts.map(({ event }) => event.sequence));
        if (sequences.size > 0) received.set(client, spansOf([...sequences].sort((a, b) => a - b)));
      }
      return ofLog(log, room, received, faulty);
    }),
  );
}

function ofLog(
  log: RoomLog,
  room: string,
  received: ReadonlyMap<string, readonly Span[]>,
  faulty: ReadonlySet<string>,
): string[] {
  const sound = [...received].filter(([client]) => !faulty.has(client));
  const shared = sound.map(([, spans]) => spans).reduce((some, spans) => common(some, spans), sound[0]?.[1] ?? []);
  const together = sound.length > 1 && countOf(shared) > 0;
  const clients = sound.map(([client]) => client);
  const statements = together ? [sameness(log, room, clients, shared)] : sound.length > 1 ? [apart(room, clients)] : [];
  for (const [client, spans] of received) {
    const told = together && !faulty.has(client) && countOf(spans) === countOf(shared);
    const events = `${countOf(spans) === 1 ? 'event' : 'events'} ${inWords(spans)}`;
    if (!told) statements.push(`${client} received ${events} of ${room}.`);
  }
  return statements;
}

function apart(room: string, clients: readonly string[]): string {
  if (clients.length === 2) return `No event of ${room} was received by both ${listed(clients)}.`;
  return `No event of ${room} was received by all of ${listed(clients)}; those that several of them received are the same, in the same order.`;
}

function sameness(log: RoomLog, room: string, clients: readonly string[], shared: readonly Span[]): string {
  const count = countOf(shared);
  const last = shared.at(-1)?.[1] ?? 0;
  const chain = log.at(last)?.chain.slice(0, chainDigits);
  const what = count === 1 ? 'the same event' : `the same ${count} events in the same order`;
  return `${listed(clients)} received ${what} of ${room}: ${inWords(shared)} (chain ${chain}… at ${last}).`;
}
