import type { Evidence } from '../evidence.js';
import type { Run } from '../logs/run.js';
import type { RoomLog } from '../room-log.js';
import type { SessionRecord } from '../sessions.js';
import type { Stay } from '../stays.js';
import { told, type Violation, type ViolationKind } from '../violation.js';
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
    ...lateBeginnings(run),
    ...stopsEarly(evidence),
    ...found,
    ...unseenEnds(run, evidence),
    ...unseenDeliveries(server),
    ...brokenOffLogs(run),
  ];
}

function missingLogs(run: Run, evidence: Evidence): Unknown[] {
  const missing = new Map<string, { readonly name: string; readonly room: string; readonly first: number }>();
  const note = (room: string, name: string, sequence: number) => {
    const key = `${room} ${name}`;
    missing.set(key, { name, room, first: Math.min(sequence, missing.get(key)?.first ?? sequence) });
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
  return [...missing.values()].map(({ name, room, first }) => {
    const whose = run.history.clients.some(({ client }) => client === name)
      ? `another log of ${name}`
      : `the log of ${name}`;
    const seen = `who is in room ${room}, seen first at event ${first}`;
    const message = `Missing is ${whose}, ${seen}: what it received, sent and was told is unknown.`;
    return { message, promises: ofMissing };
  });
}

function lateBeginnings({ history }: Run): Unknown[] {
  return history.clients.flatMap(({ client, beginsLate }) => {
    const message = `${client}'s log does not go back to its beginning: what it did and received before is unknown.`;
    return beginsLate ? [{ message, promises: promiseIds }] : [];
  });
}

/** Logs that stop before what others received of their clients: not those of clients that were killed, for these do nothing more. */
function stopsEarly({ earlyEnds, publishes }: Evidence): Unknown[] {
  return [...earlyEnds.last].flatMap(([{ client, log, stay, leaves }, end]) => {
    const unsent = [...(stay?.messages.values() ?? [])].filter((event) => !publishes.of(event));
    const unasked = stay?.left?.reason === 'ASKED' && leaves.length === 0 ? [stay.left] : [];
    const first = [...unsent, ...unasked].find(({ sequence }) => sequence > end);
    if (!first || !log) return [];
    const message = `${client}'s log stops before ${told(first)} of room ${log.room}: what it did and received from then on is unknown.`;
    return [{ message, promises: promiseIds }];
  });
}

/** A visit whose client's log begins within it. */
function beganBefore(stay: Stay, log: RoomLog, { sessions, readers, history }: Evidence): boolean {
  if (stay.joined) return false;
  for (const session of sessions.values()) {
    if (session.log === log && session.name === stay.name && session.welcome.resumed) return true;
  }
  const late = new Set(history.clients.flatMap(({ client, beginsLate }) => (beginsLate ? client : [])));
  return readers.some(({ client, room }) => client === stay.name && room === log.room && late.has(client));
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
  const message = `The server's log tells of ${unseen === 1 ? '1 event' : `${unseen} events`} at the end that no participant's log has.`;
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
