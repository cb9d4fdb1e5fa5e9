import type { RoomEvent } from '../../core/event.js';
import type { LogBundle } from '../history/logs/log-bundle-reader.js';
import type { ServerRecord } from '../history/logs/source.js';
import type { RoomLog } from '../history/room-log.js';
import type { SessionRecord } from '../history/sessions.js';
import type { Counterexample } from './verdict.js';
import { describe, span } from './violation.js';

/** Records of a server that are told as counterexamples. */
const recordsToldMax = 100;

/** What the servers' logs say, held against what the clients received. */
export type Comparison = ReturnType<typeof againstServer>;

export function againstServer({ server, evidence: { logs, sessions } }: LogBundle) {
  const fault = faultsOf(sessions.values(), logs.all());
  const counterexamples: Counterexample[] = [];
  let more = false;
  const tell = (counterexample: Counterexample | undefined) => {
    more ||= counterexample !== undefined && counterexamples.length === recordsToldMax;
    if (counterexample && !more) counterexamples.push(counterexample);
  };
  let [agreeing, unseenDelivered, unseenLeaves] = [0, 0, 0];
  /** Of each log, the last event that was delivered, and those that were told to come or go. */
  const before = new Map<string, ServerRecord>();
  const byRoom = new Map(logs.perRoom().map((ofRoom) => [ofRoom[0]?.room, ofRoom]));
  for (const record of server) {
    const { kind, room, sequence, last, logId, chain } = record;
    tell(toldTwice(record, before));
    const ofRoom = byRoom.get(room) ?? [];
    const named = logId === undefined ? ofRoom : ofRoom.filter((log) => log.logId === logId);
    const faults = named.filter((log) => log.at(last)).map((log) => fault(record, log));
    // With a chain of the clients' it is their history under another name.
    const same = ofRoom.find((log) => logId !== undefined && chain !== undefined && log.at(last)?.chain === chain);
    // An older server does not say which log it means: it is the one that fits.
    if (faults.includes(undefined)) agreeing += 1;
    else if (faults.length > 0) tell(otherwise(record, faults.at(-1) ?? ''));
    else if (same) tell(otherwise(record, `it names log ${logId}, and the clients are in log ${same.logId}`));
    else if (kind === 'left') unseenLeaves += 1;
    else if (kind === 'delivery') {
      unseenDelivered += Math.max(0, last - Math.max(sequence - 1, ...ofRoom.map(({ end }) => end)));
    }
  }
  return {
    counterexamples,
    /** Whether there are more of them than are kept. */
    more,
    /** Records that clients bear out. */
    agreeing,
    /** Events delivered that no client's log tells of, though they are no leaves: those often nobody is left to see. */
    unseen: Math.max(0, unseenDelivered - unseenLeaves),
  };
}

function otherwise({ last, room, source }: ServerRecord, what: string): Counterexample {
  const message = `Of event ${last} of room ${room} the server's log says otherwise than the clients': ${what}.`;
  return { promise: 'P1', message, lines: [source] };
}

function toldTwice(record: ServerRecord, before: Map<string, ServerRecord>): Counterexample | undefined {
  const { kind, room, logId, sequence, last, participant, source } = record;
  if (logId === undefined) return undefined;
  const key = kind === 'delivery' ? `${room} ${logId}` : `${room} ${logId} ${kind} ${sequence}`;
  const earlier = before.get(key);
  before.set(key, record);
  if (!earlier || sequence > earlier.last) return undefined;
  const what = kind === 'delivery' ? 'it was delivered' : `${participant} ${kind}`;
  const message = `The server's log says a second time of ${span(sequence, last)} of room ${room} that ${what}.`;
  return { promise: 'P3', message, lines: [source, earlier.source] };
}

/** What of a record does not fit the event of a log; undefined where it fits. */
function faultsOf(sessions: Iterable<SessionRecord>, logs: readonly RoomLog[]) {
  /** The sessions that clients know to be theirs, by what began and ended them. */
  const known = new Map<RoomEvent, SessionRecord>();
  for (const session of sessions) {
    for (const event of [session.stay?.joined, session.stay?.left]) if (event) known.set(event, session);
  }
  const present = new Map(logs.map((log) => [log, presentIn(log)]));
  return (record: ServerRecord, log: RoomLog): string | undefined => {
    const { kind, last, lamport, chain, participant, participants } = record;
    const event = log.at(last);
    if (!event) return undefined;
    if (lamport !== event.lamport) return `it has Lamport time ${lamport}, and the clients have ${event.lamport}`;
    if (chain !== undefined && chain !== event.chain)
      return `it has chain ${chain}, and the clients have ${event.chain}`;
    if (kind !== 'delivery' && (event.kind !== kind || event.participant !== participant))
      return `it says that ${participant} ${kind}, and the clients have ${describe(event)}`;
    const session = kind === 'delivery' ? undefined : known.get(event);
    if (session && record.session !== undefined && record.session !== session.welcome.session)
      return `it names another session than ${session.client} was let in to`;
    const there = present.get(log)?.[last];
    if (participants === undefined || there === undefined || participants <= there) return undefined;
    return `it was delivered to ${participants}, and ${there} were in the room`;
  };
}

/** By sequence, how many were in the room when an event was there, where the log shows all that came before it. */
function presentIn({ events }: RoomLog): number[] {
  const counts: number[] = [0];
  for (const { kind, sequence } of events) {
    if (sequence !== counts.length) break;
    counts.push((counts.at(-1) ?? 0) + (kind === 'joined' ? 1 : kind === 'left' ? -1 : 0));
  }
  return counts;
}
