import type { Limits } from '../core/limits.js';

/** A limit, or a number of bytes that no limit sets. */
type Factor = keyof Limits | number;

/** Something that a server holds, and how its limits bound it. */
interface Holding {
  readonly what: string;
  /** A sum of products. */
  readonly terms: readonly (readonly Factor[])[];
}

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
/** A session in its room with its stream, without what it remembers and sends; measured (docs/decisions.md, "Speed and memory"). */
const sessionBytes = 16 * 1024;
/** A connection with one stream, as measured: sockets, HTTP/2 and gRPC. */
const connectionBytes = 67 * 1024;
/** A session that is over, beside the ordinals that are remembered of it. */
const endedSessionBytes = 400;
/** A room that is open, without anybody in it. */
const roomBytes = 16 * 1024;

const holdings: readonly Holding[] = [
  { what: 'connections', terms: [['connectionsMax', connectionBytes]] },
  {
    what: 'headers of calls and streams',
    terms: [['connectionsMax', 'streamsPerConnectionMax', 'metadataBytesMax']],
  },
  {
    what: 'requests that are being received: of calls, and of streams that have not joined and that have',
    terms: [
      ['unaskedCallsMax', 'requestBytesMax'],
      ['unjoinedStreamsMax', 'requestBytesMax'],
      ['sessionsMax', 'requestBytesMax'],
    ],
  },
  {
    what: 'sessions and what is remembered of them',
    terms: [
      ['sessionsMax', sessionBytes],
      ['sessionsMax', 'ordinalsRememberedMax', pairBytes],
    ],
  },
  {
    what: 'events on their way to streams: to those that take nothing or are at a place of their own, and to those in step',
    // Streams in step hold the newest events of their rooms, the same for all.
    terms: [['untakenBytesMax'], ['roomsMax', 'writeBytesMax']],
  },
  {
    what: 'refusals that wait for streams that take nothing',
    // Beyond the total each stream has one, and rooms may refuse what they were asked before.
    terms: [
      ['refusalsWaitingInAllMax', objectBytes],
      ['connectionsMax', 'streamsPerConnectionMax', objectBytes],
      ['inletsDraftsMax', objectBytes],
    ],
  },
  {
    what: 'requests that wait for their rooms, as they came, decided and encoded',
    terms: [
      ['inletsDraftsMax', 'requestBytesMax'],
      ['inletsDraftsMax', codePointBytes, 'textCodePointsMax'],
      ['inletsDraftsMax', 4, objectBytes],
    ],
  },
  {
    what: 'replies to reads that are being made or not taken yet, and the reads that wait',
    terms: [
      ['replyBytesMax', 3],
      ['readsWaitingMax', 4, objectBytes],
    ],
  },
  { what: 'newest events of all rooms', terms: [['tailsBytesMax']] },
  { what: 'pages of history of all rooms', terms: [['pagesBytesMax']] },
  {
    what: 'open rooms, and what is remembered of sessions that are over',
    terms: [
      ['roomsMax', roomBytes],
      ['endedOrdinalsInAllMax', pairBytes + endedSessionBytes],
    ],
  },
];

/** With `--memory` alone. */
const memoryHoldings: readonly Holding[] = [
  {
    what: 'events of all rooms with `--memory`: what is kept for readers',
    terms: [['memoryBytesMax']],
  },
  {
    what: 'events of all rooms with `--memory`: what their states are rebuilt from',
    terms: [
      ['roomsMax', 'snapshotEveryEvents', codePointBytes, 'textCodePointsMax'],
      ['roomsMax', 'snapshotEveryEvents', 2, objectBytes],
    ],
  },
];

/**
 * The memory that a server with these limits can hold at most, thing by thing: everything that its clients can make grow. Only
 * clients that try to reach a bound reach it, and never all bounds at one time. In addition there are the program itself, and the store's
 * file, which is mapped: the system can take back its pages at any time.
 */
export function memoryBounds(limits: Limits): readonly MemoryBound[] {
  return holdings.map((holding) => boundOf(holding, limits));
}

/** What is added to that when the event log is kept in memory. */
export function memoryLogBounds(limits: Limits): readonly MemoryBound[] {
  return memoryHoldings.map((holding) => boundOf(holding, limits));
}

function boundOf({ what, terms }: Holding, limits: Limits): MemoryBound {
  const amount = (factor: Factor): number => (typeof factor === 'number' ? factor : limits[factor]);
  const name = (factor: Factor): string => (typeof factor === 'number' ? String(factor) : `\`${factor}\``);
  const products = terms.map((factors) => factors.map(amount).reduce((product, factor) => product * factor, 1));
  return {
    what,
    formula: terms.map((factors) => factors.map(name).join(' × ')).join(' + '),
    bytes: products.reduce((sum, product) => sum + product, 0),
  };
}
