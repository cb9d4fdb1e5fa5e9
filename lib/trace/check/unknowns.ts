import { counted, listed } from '../../display/spans.js';
import type { Evidence } from '../history/evidence.js';
import type { LogBundle } from '../history/logs/log-bundle-reader.js';
import { serversOf } from '../history/readers.js';
import type { RoomLog, Stay } from '../history/room-log.js';
import type { SessionRecord } from '../history/sessions.js';
import type { Comparison } from './server-log.js';
import { type PromiseId, promiseIds, type Unknown } from './verdict.js';
import { describe, type Violation, type ViolationKind } from './violation.js';

/** What each thing that the rules find unknown leaves open; all of it where nothing is said here. */
const leftOpen: Partial<Record<ViolationKind, readonly PromiseId[]>> = {
  'reader-behind': ['P3'],
  'reader-unknown': ['P3', 'P8'],
  'publish-unanswered': ['P4', 'P5'],
};

/** Missing logs of one room that are named. */
const missingNamedMax = 10;

/** All but P8: others received his joining and leaving. */
const ofMissing = promiseIds.filter((promise) => promise !== 'P8');

const noClients =
  'No client’s log is given: what was received, which is what is judged, stands in these alone (chit-client --log).';

/** What the logs leave open: what the rules could not know, whose logs are missing, and which visits end nowhere. */
export function unknownsOf(violations: readonly Violation[], bundle: LogBundle, server: Comparison): Unknown[] {
  const { evidence } = bundle;
  if (evidence.clients.length === 0) return [open(noClients)];
  const late = 'does not go back to its beginning: what it did and received before is unknown.';
  const found = violations.filter(({ promise }) => promise === 'unknown');
  const unseen = `The server's log tells of ${counted(server.unseen, 'event')} at the end that no participant's log has.`;
  return [
    ...missingLogs(bundle),
    ...[...evidence.late].map((client) => open(`${client}'s log ${late}`)),
    ...missingParts(evidence),
    ...newHistories(evidence),
    ...stopsEarly(evidence),
    ...found.map(({ kind, message }) => open(message, leftOpen[kind])),
    ...unseenEnds(bundle),
    ...(server.unseen > 0 ? [open(unseen)] : []),
    ...brokenOffLogs(bundle),
  ];
}

function open(message: string, promises: readonly PromiseId[] = promiseIds): Unknown {
  return { message, promises };
}

function missingLogs({ evidence, server }: LogBundle): Unknown[] {
  /** By room and name, the event at which a participant whose log is missing is seen first. */
  const missing = new Map<string, Map<string, number>>();
  const note = (room: string, name: string, sequence: number) => {
    const ofRoom = missing.get(room) ?? new Map<string, number>();
    missing.set(room, ofRoom.set(name, Math.min(sequence, ofRoom.get(name) ?? sequence)));
  };
  const recorded = new Set([...evidence.sessions.values()].flatMap(({ stay }) => stay ?? []));
  const hadJoin = evidence.openJoins();
  const logs = evidence.logs.all();
  for (const log of logs) {
    for (const stay of log.stays.all) {
      if (recorded.has(stay) || beganBefore(stay, log, evidence) || hadJoin(log.room, stay.name)) continue;
      const first = stay.joined ?? [...stay.messages.values()][0] ?? stay.left;
      if (first) note(log.room, stay.name, first.sequence);
    }
  }
  for (const { kind, session, participant, room, sequence } of server) {
    if (kind !== 'joined' || !participant || (session && evidence.sessions.has(session))) continue;
    if (logs.some((log) => log.room === room && log.at(sequence))) continue;
    if (!hadJoin(room, participant)) note(room, participant, sequence);
  }
  const given = new Set(evidence.clients.map(({ record }) => record.client));
  const named = ([name, sequence]: [string, number]) =>
    `${name} (${given.has(name) ? 'another one, ' : ''}from event ${sequence} on)`;
  return [...missing].map(([room, firstSeen]) => {
    const unnamed = firstSeen.size - missingNamedMax;
    const some = [...firstSeen].slice(0, missingNamedMax).map(named);
    const whose = `${firstSeen.size === 1 ? 'is the log' : 'are the logs'} of ${listed(unnamed > 0 ? [...some, `${unnamed} more`] : some)}`;
    return open(`Missing ${whose} in room ${room}: what they received, sent and were told is unknown.`, ofMissing);
  });
}

/** Logs that were rotated, and of which only the latest parts are there. */
function missingParts({ clients }: Evidence): Unknown[] {
  return clients.flatMap(({ record: { client }, parts }) =>
    parts.map(({ room, welcome }) => {
      const where = welcome ? ` up to event ${welcome.place.sequence}` : '';
      return open(
        `The part of ${client}'s log is missing that tells of room ${room}${where}: what it did and received there is unknown.`,
      );
    }),
  );
}

/** A visit whose client's log begins within it. */
function beganBefore(stay: Stay, log: RoomLog, { sessions, readers, late }: Evidence): boolean {
  if (stay.joined) return false;
  const isResumed = (session: SessionRecord) =>
    session.log === log && session.name === stay.name && session.welcome.resumed;
  if ([...sessions.values()].some(isResumed)) return true;
  return readers.some(({ client, room }) => client === stay.name && room === log.room && late.has(client));
}

/**
 * Rooms whose clients were told that the history is lost, and went on in another one [P11]. Not those of the same name
 * at servers that are known to be others, for these have nothing to do with each other.
 */
function newHistories({ logs, readers }: Evidence): Unknown[] {
  const servers = serversOf(readers);
  const apart = (one: RoomLog, other: RoomLog) => {
    const [some, others] = [servers.get(one), servers.get(other)];
    return some !== undefined && others !== undefined && ![...some].some((server) => others.has(server));
  };
  const began = (log: RoomLog) =>
    `The history of room ${log.room} began anew after event ${log.end}: whether it was wiped on purpose no log tells.`;
  return logs.perRoom().flatMap((ofRoom) => {
    const earlier = ofRoom.slice(0, -1);
    const goneOn = earlier.filter((log, index) => !ofRoom.slice(index + 1).every((later) => apart(log, later)));
    return goneOn.map((log) => open(began(log), ['P4']));
  });
}

/** Logs that stop before what others received of their clients, unless they were killed: these do nothing more. */
function stopsEarly({ earlyEnds, publishes }: Evidence): Unknown[] {
  return [...earlyEnds.last].flatMap(([{ client, log, stay, leaves }, end]) => {
    const unsent = [...(stay?.messages.values() ?? [])].filter((event) => !publishes.of(event));
    const unasked = stay?.left?.reason === 'ASKED' && leaves.length === 0 ? [stay.left] : [];
    const first = [...unsent, ...unasked].find(({ sequence }) => sequence > end);
    if (!first || !log) return [];
    const before = `${describe(first)} of room ${log.room}: what it did and received from then on is unknown.`;
    return [open(`${client}'s log stops before ${before}`)];
  });
}

/** Visits of recorded clients of which no log tells the end, though their clients do. */
function unseenEnds({ server, evidence: { sessions } }: LogBundle): Unknown[] {
  const lefts = new Map<string, number>();
  for (const { kind, room, participant, sequence } of server) {
    if (kind === 'left' && participant) lefts.set(`${room} ${participant}`, sequence);
  }
  return [...sessions.values()].flatMap(({ client, stay, name, welcome: { room, newest }, end }) => {
    const unended = stay?.joined && !stay.left && (end !== undefined || stay.endUnseen);
    if (!unended || (lefts.get(`${room} ${name}`) ?? 0) > newest) return [];
    const joining = `after joining with event ${stay.joined?.sequence}`;
    return [open(`No log tells that ${client} left room ${room} ${joining}.`, ['P8'])];
  });
}

function brokenOffLogs({ files }: LogBundle): Unknown[] {
  return files.flatMap(({ name, dropped, readUpTo }) => {
    if (dropped === 0) return [];
    const rest = readUpTo === undefined ? '' : ` So the file is read up to line ${readUpTo} only.`;
    return [open(`${name} lacks ${dropped} records that could not be written: what they said is unknown.${rest}`)];
  });
}
