import type { Evidence } from '../evidence.js';
import type { Run } from '../logs/run.js';
import type { RoomLog } from '../room-log.js';
import type { SessionRecord } from '../sessions.js';
import type { Stay } from '../stays.js';
import type { Violation, ViolationKind } from '../violation.js';
import { listed } from './sequences.js';
import type { Comparison } from './server-log.js';
import { type PromiseId, promiseIds, type Unknown } from './verdict.js';

/** What each thing that the rules find unknown leaves open; all of it where nothing is said here. */
const leftOpen: Partial<Record<ViolationKind, readonly PromiseId[]>> = {
  'reader-behind': ['P3'],
  'reader-unknown': ['P3', 'P8'],
  'publish-unanswered': ['P4', 'P5'],
};

/** All but P8: others received his joining and leaving. */
const ofMissing = promiseIds.filter((promise) => promise !== 'P8');

/** Sequences that are told of one missing participant. */
const visitsToldMax = 3;

/** What the logs leave open: what the rules found to be unknown, whose logs are missing, and which visits end nowhere. */
export function unknownsOf(
  violations: readonly Violation[],
  run: Run,
  evidence: Evidence,
  server: Comparison,
): Unknown[] {
  const found = violations
    .filter(({ promise }) => promise === 'unknown')
    .map(({ kind, message }) => ({ message, promises: leftOpen[kind] ?? promiseIds }));
  return [
    ...missingLogs(run, evidence),
    ...found,
    ...unseenEnds(run, evidence),
    ...unseenDeliveries(server),
    ...brokenOffLogs(run),
  ];
}

function missingLogs(run: Run, evidence: Evidence): Unknown[] {
  const missing = new Map<string, { readonly name: string; readonly room: string; readonly visits: Set<number> }>();
  const note = (room: string, name: string, sequence: number) => {
    const key = `${room} ${name}`;
    const known = missing.get(key) ?? { name, room, visits: new Set() };
    missing.set(key, known);
    known.visits.add(sequence);
  };
  const recorded = new Set([...evidence.sessions.values()].flatMap(({ stay }) => stay ?? []));
  const unanswered = unansweredJoins(evidence);
  for (const log of evidence.logs.all()) {
    for (const stay of log.stays.all) {
      if (recorded.has(stay) || beganBefore(stay, log, evidence) || unanswered.take(log.room, stay.name)) continue;
      const first = stay.joined ?? [...stay.messages.values()][0] ?? stay.left;
      if (first) note(log.room, stay.name, first.sequence);
    }
  }
  for (const record of run.server) {
    const { kind, session, participant, room, sequence } = record;
    const unseen = !evidence.logs.all().some((log) => log.room === room && log.at(sequence));
    if (kind === 'joined' && participant && unseen && !(session && evidence.sessions.has(session))) {
      if (!unanswered.take(room, participant)) note(room, participant, sequence);
    }
  }
  return [...missing.values()].map(({ name, room, visits }) => {
    const known = run.history.clients.some(({ client }) => client === name);
    const sequences = [...visits].slice(0, visitsToldMax);
    const more = visits.size > sequences.length ? ' and later ones' : '';
    const whose = known ? `another log of ${name}` : `the log of ${name}`;
    const visit = `(${visits.size === 1 ? 'a visit' : `${visits.size} visits`} to room ${room}, first seen at event ${listed(sequences.map(String))}${more})`;
    const message = `Missing is ${whose} ${visit}: what it received, sent and was told is unknown.`;
    return { message, promises: ofMissing };
  });
}

/** A visit whose client's log begins within it. */
function beganBefore(stay: Stay, log: RoomLog, { sessions, readers, history }: Evidence): boolean {
  if (stay.joined) return false;
  for (const session of sessions.values()) {
    if (session.log === log && session.name === stay.name && session.welcome.resumed) return true;
  }
  const first = new Map(history.clients.map(({ client, steps }) => [client, steps[0]?.kind]));
  return readers.some(({ client, room }) => client === stay.name && room === log.room && first.get(client) !== 'start');
}

/** Joins that nobody answered to their clients' knowledge, though the server may have let them in. */
function unansweredJoins({ history, sessions }: Evidence) {
  const open = new Map<string, number>();
  const add = (room: string, name: string, by: number) =>
    open.set(`${room} ${name}`, (open.get(`${room} ${name}`) ?? 0) + by);
  for (const { steps } of history.clients) {
    const names = new Map<string, string>();
    for (const step of steps) {
      if (step.kind === 'join' && !step.resume) {
        names.set(step.room, step.name);
        add(step.room, step.name, 1);
      } else if (step.kind === 'join') names.delete(step.room);
      else if (step.kind === 'join-refused' && names.has(step.room)) add(step.room, names.get(step.room) ?? '', -1);
    }
  }
  for (const { name, welcome } of sessions.values()) if (!welcome.resumed) add(welcome.room, name, -1);
  return {
    take(room: string, name: string): boolean {
      if ((open.get(`${room} ${name}`) ?? 0) <= 0) return false;
      add(room, name, -1);
      return true;
    },
  };
}

/** Visits of recorded clients of which no log tells the end, though their clients do. */
function unseenEnds(run: Run, { sessions }: Evidence): Unknown[] {
  const lefts = new Map<string, number>();
  for (const { kind, room, participant, sequence } of run.server) {
    if (kind === 'left' && participant) lefts.set(`${room} ${participant}`, sequence);
  }
  const unseen = [...sessions.values()].filter(({ stay, name, welcome, end }) => {
    const open = stay?.joined && !stay.left && (end !== undefined || stay.endUnseen);
    return open && (lefts.get(`${welcome.room} ${name}`) ?? 0) <= welcome.newest;
  });
  return unseen.map(({ client, welcome, stay }: SessionRecord) => ({
    message: `No log tells that ${client} left room ${welcome.room} after joining with event ${stay?.joined?.sequence}.`,
    promises: ['P8'],
  }));
}

/** What a server delivered last, and nobody whose log is here received. */
function unseenDeliveries({ unseen }: Comparison): Unknown[] {
  if (unseen === 0) return [];
  const message = `The server's log tells of ${unseen} more event(s) that were delivered and that are in no participant's log.`;
  return [{ message, promises: promiseIds }];
}

function brokenOffLogs({ files }: Run): Unknown[] {
  return files
    .filter(({ dropped }) => dropped > 0)
    .map(({ name, dropped }) => ({
      message: `${name} lacks ${dropped} records that could not be written: what they said is unknown.`,
      promises: promiseIds,
    }));
}
