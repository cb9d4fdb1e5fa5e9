import type { Limits } from '../core/limits.js';

/** A limit, or a number of bytes that no limit sets. */
type Factor = keyof Limits | number;

/** What a server holds, thing by thing, each with the sum of products of limits that bounds it. */
type Holdings = Readonly<Record<string, readonly (readonly Factor[])[]>>;

/** What a server holds of one thing at most. */
export interface MemoryBound {
  readonly what: string;
  /** How `bytes` comes about, by the names of the limits. */
  readonly formula: string;
  readonly bytes: number;
}

/** A code point of UTF-8 at most. */
const codePointBytes = 4;
/** An object of a request, an event or a rejection with its fields, about. */
const objectBytes = 400;
/** An ordinal and the sequence of its event, encoded, at most. */
const pairBytes = 16;
/** A session in its room with its stream, bare; measured (docs/decisions.md, "Speed and memory"). */
const sessionBytes = 16 * 1024;
/** A connection with one stream, as measured: sockets, HTTP/2 and gRPC. */
const connectionBytes = 67 * 1024;
/** A session that is over, beside the ordinals that are remembered of it. */
const endedSessionBytes = 400;
/** A room that is open, without participants. */
const roomBytes = 16 * 1024;

const holdings: Holdings = {
  connections: [['connectionsMax', connectionBytes]],
  'headers of calls and streams': [['connectionsMax', 'streamsPerConnectionMax', 'metadataBytesMax']],
  'requests that are being received: of calls, and of streams that have not joined and that have': [
    ['unaskedCallsMax', 'requestBytesMax'],
    ['unjoinedStreamsMax', 'requestBytesMax'],
    ['sessionsMax', 'requestBytesMax'],
  ],
  'sessions and what is remembered of them': [
    ['sessionsMax', sessionBytes],
    ['sessionsMax', 'ordinalsRememberedMax', pairBytes],
  ],
  // Streams in step hold the newest events of their rooms, the same for all.
  'events on their way to streams: to those that take nothing or are at a place of their own, and to those in step': [
    ['untakenBytesMax'],
    ['roomsMax', 'writeBytesMax'],
  ],
  // Beyond the total each stream has one, and rooms may refuse what they were asked before.
  'refusals that wait for streams that take nothing': [
    ['refusalsWaitingInAllMax', objectBytes],
    ['connectionsMax', 'streamsPerConnectionMax', objectBytes],
    ['inletsDraftsMax', objectBytes],
  ],
  'requests that wait for their rooms, as they came, decided and encoded': [
    ['inletsDraftsMax', 'requestBytesMax'],
    ['inletsDraftsMax', codePointBytes, 'textCodePointsMax'],
    ['inletsDraftsMax', 4, objectBytes],
  ],
  'replies to reads that are being made or not taken yet, and the reads that wait': [
    ['replyBytesMax', 3],
    ['readsWaitingMax', 4, objectBytes],
  ],
  'events that LMDB has not taken over': [['aheadWaitingBytesMax']],
  'newest events of all rooms': [['tailsBytesMax']],
  'pages of history of all rooms': [['pagesBytesMax']],
  'open rooms, and what is remembered of sessions that are over': [
    ['roomsMax', roomBytes],
    ['endedOrdinalsInAllMax', pairBytes + endedSessionBytes],
  ],
};

/** With `--memory` alone. */
const memoryHoldings: Holdings = {
  'events of all rooms with `--memory`: what is kept for readers': [['memoryBytesMax']],
  'events of all rooms with `--memory`: what their states are rebuilt from': [
    ['roomsMax', 'snapshotEveryEvents', codePointBytes, 'textCodePointsMax'],
    ['roomsMax', 'snapshotEveryEvents', 2, objectBytes],
  ],
};

/**
 * The memory that a server with these limits can hold at most, thing by thing: everything that its clients can make
 * grow. Only clients that try to reach a bound reach it, and never all bounds at one time. In addition there are the
 * program itself, and the store's file, which is mapped: the system can take back its pages at any time.
 */
export function memoryBounds(limits: Limits): readonly MemoryBound[] {
  return boundsOf(holdings, limits);
}

/** What is added to that when the event log is kept in memory. */
export function memoryLogBounds(limits: Limits): readonly MemoryBound[] {
  return boundsOf(memoryHoldings, limits);
}

function boundsOf(all: Holdings, limits: Limits): readonly MemoryBound[] {
  const amount = (factor: Factor): number => (typeof factor === 'number' ? factor : limits[factor]);
  const name = (factor: Factor): string => (typeof factor === 'number' ? String(factor) : `\`${factor}\``);
  return Object.entries(all).map(([what, terms]) => ({
    what,
    formula: terms.map((factors) => factors.map(name).join(' × ')).join(' + '),
    bytes: terms.reduce(
      (sum, factors) => sum + factors.map(amount).reduce((product, factor) => product * factor, 1),
      0,
    ),
  }));
}
