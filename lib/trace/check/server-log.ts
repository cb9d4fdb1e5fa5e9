import type { RoomEvent } from '../../core/event.js';
import type { LogBundle, ServerRecord } from '../history/logs/log-bundle.js';
import type { RoomLog } from '../history/room-log.js';
import type { SessionRecord } from '../history/sessions.js';
import type { Counterexample } from './verdict.js';
import { describe, span } from './violation.js';

/** Records of a server that are told as counterexamples. */
const recordsToldMax = 100;

/** What the servers' logs say, held against what the clients received. */
export interface Comparison {
  readonly counterexamples: readonly Counterexample[];
  /** Whether there are more of them than are kept. */
  readonly more: boolean;
  /** Records that clients bear out. */
  readonly agreeing: number;
  /** Events delivered that no client's log tells of, though they are no leaves: those often nobody is left to see. */
  readonly unseen: number;
}

export function againstServer({ server, evidence: { logs, sessions } }: LogBundle): Comparison {
  const comparison = new ServerComparison(logs.all(), sessions.values());
  for (const record of server) comparison.add(record);
  return comparison;
}

class ServerComparison implements Comparison {
  readonly counterexamples: Counterexample[] = [];
  more = false;
  agreeing = 0;
  #unseenDelivered = 0;
  #unseenLeaves = 0;
  readonly #logs = new Map<string, RoomLog[]>();
  readonly #present = new Map<RoomLog, (sequence: number) => number | undefined>();
  /** Of each log, the last event that was delivered, and those that were told to come or go. */
  readonly #before = new Map<string, ServerRecord>();

  /** The sessions that clients know to be theirs, by what began and ended them. */
  readonly #sessions = new Map<RoomEvent, SessionRecord>();

  constructor(logs: readonly RoomLog[], sessions: Iterable<SessionRecord>) {
    for (const session of sessions) {
      for (const event of [session.stay?.joined, session.stay?.left]) if (event) this.#sessions.set(event, session);
    }
    for (const log of logs) {
      this.#logs.set(log.room, [...(this.#logs.get(log.room) ?? []), log]);
      this.#present.set(log, presentIn(log));
    }
  }

  get unseen(): number {
    return Math.max(0, this.#unseenDelivered - this.#unseenLeaves);
  }

  add(record: ServerRecord): void {
    this.#once(record);
    const ofRoom = this.#logs.get(record.room) ?? [];
    const logs = record.logId === undefined ? ofRoom : ofRoom.filter(({ logId }) => logId === record.logId);
    const showing = logs.filter((log) => log.at(record.last));
    const faults = showing.map((log) => this.#fault(record, log));
    // An older server does not say which log it means: it is the one that fits.
    if (faults.includes(undefined)) this.agreeing += 1;
    else if (faults.length > 0) this.#report(record, faults.at(-1) ?? '');
    else this.#unknownLog(record, ofRoom);
  }

  /** The log id is none that the clients know. With a chain of theirs, it is their history under another name. */
  #unknownLog(record: ServerRecord, ofRoom: readonly RoomLog[]): void {
    const { logId, chain, last } = record;
    const same = ofRoom.find((log) => logId !== undefined && chain !== undefined && log.at(last)?.chain === chain);
    if (!same) this.#unseen(record, ofRoom);
    else this.#report(record, `it names log ${logId}, and the clients are in log ${same.logId}`);
  }

  #unseen({ kind, sequence, last }: ServerRecord, ofRoom: readonly RoomLog[]): void {
    if (kind === 'left') this.#unseenLeaves += 1;
    if (kind !== 'delivery') return;
    const seen = Math.max(sequence - 1, ...ofRoom.map(({ end }) => end));
    this.#unseenDelivered += Math.max(0, last - seen);
  }

  #fault(record: ServerRecord, log: RoomLog): string | undefined {
    const { kind, last, lamport, chain, participant, participants } = record;
    const event = log.at(last);
    if (!event) return undefined;
    if (lamport !== event.lamport) return `it has Lamport time ${lamport}, and the clients have ${event.lamport}`;
    if (chain !== undefined && chain !== event.chain)
      return `it has chain ${chain}, and the clients have ${event.chain}`;
    if (kind !== 'delivery' && (event.kind !== kind || event.participant !== participant)) {
      return `it says that ${participant} ${kind}, and the clients have ${describe(event)}`;
    }
    const known = kind === 'delivery' ? undefined : this.#sessions.get(event);
    if (known && record.session !== undefined && record.session !== known.welcome.session) {
      return `it names another session than ${known.client} was let in to`;
    }
    const present = this.#present.get(log)?.(last);
    if (participants === undefined || present === undefined || participants <= present) return undefined;
    return `it was delivered to ${participants}, and ${present} were in the room`;
  }

  #once(record: ServerRecord): void {
    const { kind, room, logId, sequence } = record;
    if (logId === undefined) return;
    const key = kind === 'delivery' ? `${room} ${logId}` : `${room} ${logId} ${kind} ${sequence}`;
    const before = this.#before.get(key);
    this.#before.set(key, record);
    if (!before || sequence > before.last) return;
    const message = `The server's log says a second time of ${span(sequence, record.last)} of room ${room} that ${
      kind === 'delivery' ? 'it was delivered' : `${record.participant} ${kind}`
    }.`;
    this.#tell({ promise: 'P3', message, lines: [record.source, before.source] });
  }

  #report(record: ServerRecord, what: string): void {
    const message = `Of event ${record.last} of room ${record.room} the server's log says otherwise than the clients': ${what}.`;
    this.#tell({ promise: 'P1', message, lines: [record.source] });
  }

  #tell(counterexample: Counterexample): void {
    if (this.counterexamples.length < recordsToldMax) this.counterexamples.push(counterexample);
    else this.more = true;
  }
}

/** How many were in the room when an event was there, where the log shows all that came before it. */
function presentIn(log: RoomLog): (sequence: number) => number | undefined {
  const counts: number[] = [0];
  for (const { kind, sequence } of log.events) {
    if (sequence !== counts.length) break;
    counts.push((counts.at(-1) ?? 0) + (kind === 'joined' ? 1 : kind === 'left' ? -1 : 0));
  }
  return (sequence) => counts[sequence];
}
