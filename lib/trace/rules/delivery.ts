import type { RoomEvent } from '../../core/event.js';
import type { Evidence } from '../evidence.js';
import type { Findings } from '../findings.js';
import type { Connection, Stretch } from '../readers.js';
import { told } from '../violation.js';

/** P2 and P3: each client receives its events in order, without gap and each once, over all its connections. */
export function delivery({ readers }: Evidence, findings: Findings): void {
  for (const { stretches, connections } of readers) {
    for (const stretch of stretches) if (!consecutive(stretch)) explain(stretch, findings);
    for (const connection of connections) resumedWhereAsked(connection, findings);
  }
}

function consecutive({ from, events }: Stretch): boolean {
  const first = from ? from.sequence + 1 : (events[0]?.sequence ?? 0);
  return events.every(({ sequence }, index) => sequence === first + index);
}

const nothing = { sequence: 0 };

function explain({ client, room, from, events }: Stretch, findings: Findings): void {
  const passed = new Set<number>();
  let last: RoomEvent | undefined;
  for (const event of events) {
    const { sequence } = event;
    const where = { sequence, client };
    if (passed.has(sequence)) {
      findings.add('received-twice', room, where, `${client} received ${told(event)} again: each event comes once.`);
    } else if (sequence <= (last ?? from ?? nothing).sequence) {
      const after = last ? told(last) : `event ${from?.sequence}`;
      findings.add(
        'out-of-order',
        room,
        where,
        `${client} received ${told(event)} after ${after}: sequences only rise.`,
      );
    }
    passed.add(sequence);
    if (!last || sequence > last.sequence) last = event;
  }
  gaps({ client, room, from }, passed, findings);
}

function gaps(
  { client, room, from }: Pick<Stretch, 'client' | 'room' | 'from'>,
  received: ReadonlySet<number>,
  findings: Findings,
): void {
  const ascending = [...received].sort((a, b) => a - b);
  let last = from?.sequence ?? ascending[0] ?? 0;
  for (const sequence of ascending) {
    if (sequence > last + 1) {
      const missing = sequence === last + 2 ? `event ${last + 1}` : `events ${last + 1} to ${sequence - 1}`;
      const message = `${client} never received ${missing}: what came after ${last} is ${sequence}.`;
      findings.add('gap', room, { sequence: last + 1, client }, message);
    }
    last = Math.max(last, sequence);
  }
}

function resumedWhereAsked({ client, welcome, presented }: Connection, findings: Findings): void {
  if (!presented) return;
  const { room, place } = welcome;
  if (place.sequence === presented.sequence && place.chain === presented.chain) return;
  const message =
    `${client} asked to go on after event ${presented.sequence} (chain ${presented.chain}), ` +
    `and the server went on after ${place.sequence} (chain ${place.chain}).`;
  findings.add('resumed-elsewhere', room, { sequence: presented.sequence, client }, message);
}
