import type { Endings } from '../system/endings.js';
import type { ChitServer } from './subjects/chit-server.js';
import type { Subject, SubjectName } from './subjects/subject.js';

/** What was measured of one subject in one setting. What a case does not measure is not there. */
export interface Figures {
  /** Of chit-trace: lines read and judged a second. */
  readonly deliveriesPerSecond?: number;
  /** Processor time of the server, all its threads. */
  readonly cpuMicrosPerDelivery?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly maxMs?: number;
  readonly memoryBytes?: number;
  /** The load set the pace, so the deliveries a second say nothing of the server. */
  readonly paced?: boolean;
  /** The share of one core that the load took: near 1, it is the load that was measured. */
  readonly loadBusy?: number;
}

export interface Result extends Figures {
  readonly case: string;
  readonly setting: string;
  readonly subject: SubjectName;
}

/** How large and how long. */
export interface Sizes {
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly fanOutParticipants: readonly number[];
  readonly fanOutUnderWay: readonly number[];
  readonly joins: number;
  readonly pacedParticipants: number;
  readonly durableUnderWay: readonly number[];
  readonly slowParticipants: number;
  readonly slowPerSecond: number;
  readonly catchUpParticipants: number;
  readonly catchUpEvents: number;
  readonly idleParticipants: readonly number[];
  readonly storedEvents: number;
  readonly starts: number;
  readonly waitingRooms: number;
  readonly waitingRoomEvents: number;
  readonly snapshotParticipants: number;
  readonly snapshotOrdinals: number;
  readonly historyPages: number;
  readonly rooms: number;
  readonly roomLists: number;
  readonly readingConnections: number;
  readonly traceParticipants: number;
  readonly traceLines: number;
}

export const fullSizes: Sizes = {
  warmUpSeconds: 1,
  seconds: 4,
  fanOutParticipants: [10, 100, 1000],
  fanOutUnderWay: [1, 32],
  joins: 1000,
  pacedParticipants: 500,
  durableUnderWay: [1, 32, 256],
  slowParticipants: 100,
  slowPerSecond: 500,
  catchUpParticipants: 100,
  catchUpEvents: 100_000,
  idleParticipants: [1000, 2000],
  storedEvents: 1_000_000,
  starts: 5,
  waitingRooms: 1000,
  waitingRoomEvents: 2000,
  snapshotParticipants: 2000,
  snapshotOrdinals: 1024,
  historyPages: 300,
  rooms: 10_000,
  roomLists: 100,
  readingConnections: 200,
  traceParticipants: 12,
  traceLines: 1_000_000,
};

/** Enough to see whether every case is right, and nothing of how fast anything is. */
export const tinySizes: Sizes = {
  warmUpSeconds: 0.05,
  seconds: 0.2,
  fanOutParticipants: [6],
  fanOutUnderWay: [1, 32],
  joins: 8,
  pacedParticipants: 5,
  durableUnderWay: [16],
  slowParticipants: 5,
  slowPerSecond: 200,
  catchUpParticipants: 3,
  catchUpEvents: 2_000,
  idleParticipants: [5],
  storedEvents: 5_000,
  starts: 1,
  waitingRooms: 20,
  waitingRoomEvents: 50,
  snapshotParticipants: 20,
  snapshotOrdinals: 130,
  historyPages: 5,
  rooms: 20,
  roomLists: 3,
  readingConnections: 3,
  traceParticipants: 3,
  traceLines: 2_000,
};

/** What a case is given. */
export interface Bench {
  readonly sizes: Sizes;
  /** Another build is measured beside this one, in this directory, and nothing else. */
  readonly against: string | undefined;
  /** Ended after the run: what cases share. */
  readonly endings: Endings;
  /** Calls `use` with each server there is to compare, one after the other, each alone on the machine. */
  forEachSubject(use: (subject: Subject, endings: Endings) => Promise<void>): Promise<void>;
  /**
   * The same with servers that store what they deliver and survive their own end by it, but not the loss of power: ours, told so, and
   * NATS JetStream. With none where another build is measured.
   */
  forEachUnflushed(use: (subject: Subject, endings: Endings) => Promise<void>): Promise<void>;
  /** The same with our own server alone, of each build there is to compare. */
  forEachBuild(use: (server: ChitServer, endings: Endings) => Promise<void>): Promise<void>;
  /** A directory whose store has `sizes.storedEvents` events in the room "lobby" and nobody present; made once. */
  storedEvents(): Promise<string>;
  report(setting: string, subject: SubjectName, figures: Figures): void;
  /** A line for people. */
  note(text: string): void;
}

/** One thing to measure. Rejects where an event was not delivered to everybody, in order and without gap. */
export type Case = (bench: Bench) => Promise<void>;
