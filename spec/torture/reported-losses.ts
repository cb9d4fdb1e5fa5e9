import type { RoomEvent } from '../../lib/core/event.js';
import { check } from '../../lib/trace/check/check.js';
import { describe as inWords, type Violation } from '../../lib/trace/check/violation.js';
import type { ClientHistory, History, LogReading } from '../../lib/trace/history/history.js';
import { sameEvent } from '../../lib/trace/history/same-event.js';

/** What the server, or its check of the store, itself said of a room's damage. */
export interface ReportedLoss {
  readonly room: string;
  /** The room goes on from this event under a new log id: what came after it is lost. */
  readonly keptTo: number;
  /** In which of the server's lives, from 1; of a check, that of the life after it. */
  readonly life: number;
}

/** The log id that a room had in one of the server's lives. */
export interface LogIdSeen {
  readonly room: string;
  readonly logId: string;
  readonly life: number;
}

/** A room went on in another log than before. */
interface Fork {
  readonly before: string;
  readonly after: string;
  /** As reported; not set where nobody said a word. */
  readonly keptTo: number | undefined;
}

/**
 * Judges a history in which stores were damaged: as `check` does, but for what the server itself said is lost. A room that went on
 * under a new log id must have kept all up to where it said; its earlier logs, which nobody can read any more, are those that clients
 * received. A new log id that nobody announced, and anything else that is not as it was, is a violation as always.
 */
export function checkDamaged(
  history: History,
  losses: readonly ReportedLoss[],
  seen: readonly LogIdSeen[],
): readonly Violation[] {
  const rooms = new Map(history.logs.map((reading) => [reading.room, reading]));
  const forked = [...rooms.values()].flatMap((final) => {
    const lossesOfRoom = losses.filter(({ room }) => room === final.room);
    const forks = forksOf(final, lossesOfRoom, withUnasked(final, history.clients, lossesOfRoom, seen));
    return forks.length > 0 ? [{ final, forks }] : [];
  });
  if (forked.length === 0) return check(history);
  const logs = history.logs.flatMap((reading) => {
    const one = forked.find(({ final }) => final === reading);
    return one ? readingsOf(one.final, one.forks, history.clients) : [reading];
  });
  const names = new Set(forked.map(({ final }) => final.room));
  return [
    ...forked.flatMap(({ final, forks }) => [...byItself(final), ...notKept(final, forks, history.clients)]),
    // What nobody received of an earlier log is lost; that the last one is whole, `byItself` has seen.
    ...check({ ...history, logs }).filter(({ kind, room }) => kind !== 'log-incomplete' || !names.has(room)),
  ];
}

/**
 * The log ids that a room had, by lives, those too of lives that nobody asked for them, but in which a client was let in: each in the first
 * life that began with a loss and is followed by another one before the next that is known.
 */
function withUnasked(
  { room, logId }: LogReading,
  clients: readonly ClientHistory[],
  losses: readonly ReportedLoss[],
  seen: readonly LogIdSeen[],
): LogIdSeen[] {
  const ids = seen.filter((one) => one.room === room);
  const welcomed = new Set(
    clients.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'welcome' && step.room === room ? step.logId : [])),
    ),
  );
  const lives = [...new Set(losses.map(({ life }) => life))].sort((a, b) => a - b);
  for (const unasked of welcomed) {
    if (unasked === logId || ids.some((one) => one.logId === unasked)) continue;
    const life = lives.find((one, index) => {
      const next = lives[index + 1] ?? Number.POSITIVE_INFINITY;
      return index < lives.length - 1 && !ids.some((known) => known.life >= one && known.life < next);
    });
    if (life !== undefined) ids.push({ room, logId: unasked, life });
  }
  return ids.sort((a, b) => a.life - b.life);
}

function forksOf({ room, logId }: LogReading, losses: readonly ReportedLoss[], seen: readonly LogIdSeen[]): Fork[] {
  const ofRoom = seen.filter((one) => one.room === room);
  const forks: Fork[] = [];
  let before = ofRoom[0];
  for (const after of [...ofRoom, { room, logId, life: Number.POSITIVE_INFINITY }]) {
    if (before && after.logId !== before.logId) {
      const { life } = before;
      const told = losses.filter((loss) => loss.room === room && loss.life > life && loss.life <= after.life);
      const keptTo = told.length === 0 ? undefined : Math.min(...told.map((loss) => loss.keptTo));
      forks.push({ before: before.logId, after: after.logId, keptTo });
    }
    before = after;
  }
  return forks;
}

/** The room's logs for the checker: each without what it has of the one before it, whose sessions are not its own. */
function readingsOf(final: LogReading, forks: readonly Fork[], clients: readonly ClientHistory[]): LogReading[] {
  const { room } = final;
  const ids = [forks[0]?.before ?? final.logId, ...forks.map(({ after }) => after)];
  return ids.map((logId, index) => {
    const inherited = forks[index - 1]?.keptTo ?? 0;
    const isLast = index === ids.length - 1;
    const events = isLast ? final.events : knownOf(room, logId, clients, ['receive']);
    const own = events.filter(({ sequence }) => sequence > inherited);
    const last = events.find(({ sequence }) => sequence === inherited);
    const from = last ? { from: { sequence: inherited, chain: last.chain } } : {};
    const replaced = forks[index]?.keptTo !== undefined;
    if (isLast && inherited === 0) return final;
    return { room, logId, events: own, newest: own.at(-1)?.sequence ?? inherited, replaced, witnessed: true, ...from };
  });
}

/** What clients received of one log, or were answered while in it, each event once, in order. */
function knownOf(
  room: string,
  logId: string,
  clients: readonly ClientHistory[],
  kinds: readonly ('receive' | 'accepted')[],
): RoomEvent[] {
  const bySequence = new Map<number, RoomEvent>();
  for (const { steps } of clients) {
    let present = '';
    for (const step of steps) {
      if (!('room' in step) || step.room !== room) continue;
      if (step.kind === 'welcome') present = step.logId;
      if ((step.kind !== 'receive' && step.kind !== 'accepted') || !kinds.includes(step.kind)) continue;
      const { event } = step;
      if (present === logId && !bySequence.has(event.sequence)) bySequence.set(event.sequence, event);
    }
  }
  return [...bySequence.values()].sort((a, b) => a.sequence - b.sequence);
}

/** The last log is whole from its first event on, and each follows from the one before it, whoever it is of. */
function byItself(final: LogReading): Violation[] {
  const alone = check({ clients: [], logs: [final], outsiders: true });
  return alone.filter(({ kind }) => kind !== 'nothing-recorded');
}

/** What was to be kept of the earlier logs and is not there. */
function notKept(final: LogReading, forks: readonly Fork[], clients: readonly ClientHistory[]): Violation[] {
  const { room } = final;
  const now = new Map(final.events.map((event) => [event.sequence, event]));
  return forks.flatMap(({ before }, index) => {
    const keptTo = Math.min(...forks.slice(index).map((fork) => fork.keptTo ?? 0));
    return knownOf(room, before, clients, ['receive', 'accepted']).flatMap((event): Violation[] => {
      const kept = now.get(event.sequence);
      if (event.sequence > keptTo || (kept && sameEvent(kept, event))) return [];
      const message =
        `The server said that room ${room} is kept up to event ${keptTo}, and ${inWords(event)}, which was received, ` +
        `is ${kept ? inWords(kept) : 'not there'} now.`;
      return [
        { promise: 'P4', kind: 'received-lost', room, where: { sequence: event.sequence }, message, exhibits: [] },
      ];
    });
  });
}
