import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { LamportClock } from '../../lib/core/clock.js';
import type { Command } from '../../lib/core/command.js';
import type { RoomEvent } from '../../lib/core/event.js';
import { defaultLimits } from '../../lib/core/limits.js';
import { step } from '../../lib/core/room.js';
import { emptyRoom } from '../../lib/core/room-state.js';

const room = 'lobby';
const logId = '11111111-2222-3333-4444-555555555555';
/** What is held back of a file before it is written, in lines. */
const heldLinesMax = 5_000;

/** A log file that is being written. */
class LogWriter {
  readonly file: string;
  lines = 0;
  readonly #head: object;
  #held: string[] = [];

  constructor(directory: string, participant: string, pid: number) {
    this.file = join(directory, `${participant}.log`);
    this.#head = { name: 'chit-client', component: 'client', hostname: 'bench', pid, level: 30 };
  }

  write(event: string, timeMs: number, fields: object): void {
    const time = new Date(timeMs).toISOString();
    this.#held.push(JSON.stringify({ ...this.#head, event, ...fields, msg: event, time, v: 0 }));
    this.lines += 1;
    if (this.#held.length >= heldLinesMax) this.flush();
  }

  flush(): void {
    if (this.#held.length > 0) appendFileSync(this.file, `${this.#held.join('\n')}\n`);
    this.#held = [];
  }
}

/**
 * Writes the logs of a run that keeps all promises, by the room's real rules: so many participants join, speak in turn and leave.
 * Gives the files, which have `linesMin` lines and hardly more.
 */
export function soundLogs(directory: string, participants: number, linesMin: number): string[] {
  const state = emptyRoom(room);
  let timeMs = 1_800_000_000_000;
  const clients = Array.from({ length: participants }, (_, index) => {
    const name = `client-${index + 1}`;
    const own = { participant: name, room };
    return {
      name,
      own,
      session: `session-${index + 1}`,
      clock: new LamportClock(),
      ordinal: 0,
      log: new LogWriter(directory, name, 100 + index),
    };
  });
  type Client = (typeof clients)[number];
  const present = new Set<Client>();
  const take = (command: Command): RoomEvent => {
    const decision = step(state, command, defaultLimits);
    if (decision.kind !== 'accepted') throw new Error(`the room refused: ${JSON.stringify(decision)}`);
    const { event } = decision.entry;
    timeMs += 1;
    for (const { log, clock } of present)
      log.write('receive', timeMs, { ...event, room, clock: clock.receive(event.lamport) });
    return event;
  };
  for (const client of clients) {
    const { name, own, session, clock, log } = client;
    const { sequence, chain, lamport: known } = state.position;
    log.write('begin', timeMs, { ...own, server: 'bench:4000', clock: 0 });
    const lamport = clock.tick();
    log.write('connect', timeMs, { ...own, server: 'bench:4000', lamport });
    const place = { logId, sequence, chain, newest: sequence };
    log.write('welcome', timeMs, { ...own, session, ...place, resumed: false, ordinal: 0, continues: false });
    present.add(client);
    take({ kind: 'join', session, name, resumable: true, senderLamport: lamport, newestLamport: known, timeMs });
  }
  const written = () => clients.reduce((sum, { log }) => sum + log.lines, 0);
  const leaving = clients.reduce((sum, _, index) => sum + 3 + index, 0);
  for (let turn = 0; written() < linesMin - leaving; turn += 1) {
    const client = clients[turn % participants] as Client;
    const { own, session, clock, log } = client;
    client.ordinal += 1;
    const { sequence: seen, lamport: known } = state.position;
    const said = { text: `message ${turn} of this long run`, ordinal: client.ordinal, seen };
    const lamport = clock.tick();
    log.write('send', timeMs, { ...own, session, lamport, ...said });
    const { sequence } = take({
      kind: 'publish',
      session,
      ...said,
      senderLamport: lamport,
      newestLamport: known,
      timeMs,
    });
    log.write('accepted', timeMs, { ...own, ordinal: said.ordinal, sequence });
  }
  for (const client of clients) {
    const { own, session, clock, log } = client;
    const lamport = clock.tick();
    log.write('send-leave', timeMs, { ...own, session, lamport });
    take({
      kind: 'leave',
      session,
      senderLamport: lamport,
      reason: 'ASKED',
      newestLamport: state.position.lamport,
      timeMs,
    });
    present.delete(client);
    const { sequence, chain } = state.position;
    log.write('disconnect', timeMs, { ...own, logId, sequence, chain, state: 'left', left: 'ASKED' });
    log.flush();
  }
  return clients.map(({ log }) => log.file);
}
