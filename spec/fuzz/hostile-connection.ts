import { preface } from '../server/rpc/http2-frames.js';
import { Random } from '../simulation/random.js';
import { bytesOf, hostileFrames } from './hostile-frames.js';
import { nearly } from './hostile-messages.js';

/** When a packet goes out: at once after the one before, in the next turn, 1 or 2 ms later, or when the server has said something. */
export type Moment = 'at-once' | 'next-turn' | '1-ms' | '2-ms' | 'answered';

export interface Packet {
  readonly moment: Moment;
  readonly bytes: Buffer;
}

/** What becomes of the connection when all packets are out. */
export type Ending = 'waits-for-the-server' | 'ends' | 'resets';

export interface HostileConnection {
  readonly packets: readonly Packet[];
  readonly ending: Ending;
}

const moments = { 'at-once': 5, 'next-turn': 3, '1-ms': 2, '2-ms': 2, answered: 3 } as const;
const endings = { 'waits-for-the-server': 3, ends: 4, resets: 3 } as const;

/** What connection `number` of a run does: a pure function of the run's seed and that number. */
export function hostileConnection(seed: number, number: number): HostileConnection {
  // Far apart, so that two seeds near each other have no connection in common.
  const random = new Random(Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) + Math.imul(number, 0x85ebca6b));
  const wildness = random.pick([0, 0.05, 0.2, 0.5]);
  const opening = random.chance(wildness / 10) ? nearly(random, preface) : preface;
  const frames = hostileFrames(random, wildness).map(bytesOf);
  const pieces = [opening, ...frames];
  const packets = cut(random, pieces).map((bytes, index) => ({
    bytes,
    moment: index === 0 ? ('at-once' as const) : random.weighted(moments),
  }));
  return { packets, ending: random.weighted(endings) };
}

/** Frames as packets: one each, some together, all at once, or cut anywhere. */
function cut(random: Random, pieces: readonly Buffer[]): Buffer[] {
  switch (random.weighted({ each: 4, some: 5, one: 1, anywhere: 3 })) {
    case 'each':
      return [...pieces];
    case 'some': {
      const packets: Buffer[][] = [];
      for (const piece of pieces) {
        if (packets.length === 0 || random.chance(0.4)) packets.push([piece]);
        else packets.at(-1)?.push(piece);
      }
      return packets.map((packet) => Buffer.concat(packet));
    }
    case 'one':
      return [Buffer.concat(pieces)];
    case 'anywhere': {
      const all = Buffer.concat(pieces);
      const count = random.between(1, 12);
      const cuts = Array.from({ length: count }, () => random.between(0, all.length)).sort((a, b) => a - b);
      return [0, ...cuts].map((from, index) => all.subarray(from, cuts[index] ?? all.length));
    }
  }
}
