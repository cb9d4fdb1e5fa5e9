import { Random } from '../simulation/random.js';
import type { Attack } from './attacks.js';
import { type Flip, plannedFlips } from './flips.js';

/** How long each kind of fault lasts, from its beginning to its healing, in milliseconds: at least and at most. */
const lasting = {
  /** kill -9; the time is how long it stays away. */
  'server-kill': [0, 1_500],
  /** SIGTERM; likewise. */
  'server-stop': [0, 1_000],
  /** SIGSTOP, then SIGCONT. */
  'server-pause': [500, 2_500],
  /** Its log cannot grow. */
  'disk-full': [1_000, 3_000],
  /** All connections are cut at once, several times in a row. */
  storm: [600, 2_000],
  /** All connections of one network are cut. */
  cut: [0, 0],
  /** Half open: nothing gets through, nobody is told. */
  freeze: [500, 6_000],
  delay: [1_000, 5_000],
  throttle: [1_000, 5_000],
  /** New connections are reset. */
  refuse: [500, 4_000],
  /** SIGSTOP, then SIGCONT, of a client's process. */
  'client-pause': [300, 2_000],
  /** Longer than the server waits for a sign of life and then for a return. */
  'client-long-pause': [7_000, 9_000],
  /** kill -9; the time is how long it stays away, sometimes longer than the grace. */
  'client-kill': [0, 5_000],
  /** A reader takes nothing, sometimes for longer than the server waits for it. */
  'slow-reader': [500, 7_000],
  /** A client leaves, stays away so long, and joins anew. */
  'leave-and-join': [0, 2_000],
  /** A client says much at once. */
  burst: [0, 0],
  /** Connections that send what HTTP/2 does not allow, or too much of what it does. */
  'hostile-frames': [1_500, 5_000],
  /** Connections with as many reads as they may have, which take nothing of the answers or very little. */
  'unread-reads': [2_000, 6_000],
  /** Joins and leaves without pause, rooms begun, connections and calls that nothing follows on. */
  churn: [2_000, 6_000],
} as const satisfies Record<string, readonly [number, number]>;

export type FaultKind = keyof typeof lasting;

export const faultKinds = Object.keys(lasting) as readonly FaultKind[];

/** One fault of the plan. Those of one lane follow one another; those of different lanes meet. */
export interface Fault {
  readonly lane: string;
  readonly kind: FaultKind;
  /** After the beginning, in milliseconds. */
  readonly atMs: number;
  readonly lastsMs: number;
  /** The number of the network, of the chit-client or of the library's client that it hits; 0 where there is only one. */
  readonly target: number;
  /** How many cuts a storm has, how many messages a burst, how many connections or loops an attack. */
  readonly count: number;
  /** Of an attack: what it does in detail is drawn from it. */
  readonly seed?: number;
  /** Of a server that is down: the bits of its store that are flipped meanwhile. */
  readonly flips?: readonly Flip[];
}

/** What can be hit. */
export interface Targets {
  readonly networks: number;
  readonly cast: number;
  readonly crowd: number;
  readonly attacks: readonly Attack[];
}

interface Lane {
  readonly name: string;
  readonly kinds: readonly FaultKind[];
  /** Between two faults, in milliseconds: at least and at most. */
  readonly restMs: readonly [number, number];
  readonly targets: readonly number[];
}

/**
 * The faults of a run, ordered by their time: a pure function of its arguments. Each is healed when `seconds` are over, if it
 * lasts as long as planned. Each kind comes once before another of its lane comes again, as far as there is time.
 */
export function faultPlan(seed: number, seconds: number, targets: Targets): Fault[] {
  const random = new Random(seed);
  const untilMs = seconds * 1000;
  const faults = lanes(targets).flatMap((lane) => faultsOf(lane, random, untilMs));
  // Each has a source of chance of its own: what an attack does is the same whichever others there are.
  const flips = new Random(seed ^ 0xb175);
  const hit = targets.attacks.includes('bits') ? faults.map((fault) => withFlips(fault, flips)) : faults;
  const attacked = attackLanes.flatMap(({ attack, chance, ...lane }) =>
    targets.attacks.includes(attack) ? faultsOf(lane, new Random(seed ^ chance), untilMs) : [],
  );
  return [...hit, ...attacked].sort((a, b) => a.atMs - b.atMs || (a.lane < b.lane ? -1 : 1));
}

/** Whatever the others do, there is nearly always one of each. */
const attackLanes: readonly (Lane & { readonly attack: Attack; readonly chance: number })[] = [
  { attack: 'frames', chance: 0xf4a3e, name: 'frames', kinds: ['hostile-frames'], restMs: [200, 1_000], targets: [0] },
  { attack: 'reads', chance: 0x4ead5, name: 'reads', kinds: ['unread-reads'], restMs: [200, 1_000], targets: [0] },
  { attack: 'churn', chance: 0xc4023, name: 'churn', kinds: ['churn'], restMs: [200, 1_000], targets: [0] },
];

/** How many connections or loops an attack has: at least and at most. */
const attackers: Partial<Readonly<Record<FaultKind, readonly [number, number]>>> = {
  'hostile-frames': [2, 8],
  'unread-reads': [10, 40],
  churn: [2, 4],
};

function withFlips(fault: Fault, random: Random): Fault {
  const isDown = fault.kind === 'server-kill' || fault.kind === 'server-stop';
  return isDown ? { ...fault, flips: plannedFlips(random) } : fault;
}

function lanes({ networks, cast, crowd }: Targets): Lane[] {
  const half = (count: number, remainder: number) => numbers(count).filter((number) => number % 2 === remainder);
  const network = ['cut', 'freeze', 'delay', 'throttle', 'refuse'] as const;
  const process = ['client-kill', 'client-pause', 'client-kill', 'client-long-pause'] as const;
  const reader = ['slow-reader', 'leave-and-join', 'burst'] as const;
  const ofServer = ['server-kill', 'server-pause', 'disk-full', 'server-kill', 'storm', 'server-stop'] as const;
  return [
    { name: 'server', kinds: ofServer, restMs: [1_500, 4_500], targets: [0] },
    ...[0, 1].flatMap((side): Lane[] => [
      { name: `network ${side}`, kinds: network, restMs: [500, 4_000], targets: half(networks, side) },
      { name: `cast ${side}`, kinds: process, restMs: [500, 4_000], targets: half(cast, side) },
      { name: `crowd ${side}`, kinds: reader, restMs: [200, 1_500], targets: half(crowd, side) },
    ]),
  ];
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function faultsOf({ name: lane, kinds, restMs, targets }: Lane, random: Random, untilMs: number): Fault[] {
  const faults: Fault[] = [];
  let bag: FaultKind[] = [];
  let atMs = random.between(...restMs);
  while (atMs < untilMs && targets.length > 0) {
    if (bag.length === 0) bag = shuffled(kinds, random);
    const kind = bag.pop() as FaultKind;
    const [least, most] = lasting[kind];
    const lastsMs = random.between(least, most);
    const target = random.pick(targets);
    const count = countOf(kind, random);
    const restedMs = random.between(...restMs);
    // One that does not fit in leaves its time to a shorter one.
    if (atMs + lastsMs > untilMs) {
      atMs += restedMs;
      continue;
    }
    const fault = { lane, kind, atMs, lastsMs, target, count };
    faults.push(attackers[kind] ? { ...fault, seed: random.between(0, 2 ** 32 - 1) } : fault);
    atMs += lastsMs + restedMs;
  }
  return faults;
}

function countOf(kind: FaultKind, random: Random): number {
  const many = attackers[kind];
  if (many) return random.between(...many);
  return kind === 'burst' ? random.between(20, 100) : kind === 'storm' ? random.between(3, 5) : 1;
}

function shuffled<T>(values: readonly T[], random: Random): T[] {
  const left = [...values];
  const out: T[] = [];
  while (left.length > 0) out.push(...left.splice(random.between(0, left.length - 1), 1));
  return out;
}

/** A fault as a line for people. */
export function faultLine({ lane, kind, atMs, lastsMs, target, count, seed, flips = [] }: Fault): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(1).padStart(6);
  const lasts = lastsMs > 0 ? ` for ${seconds(lastsMs).trim()} s` : '';
  const isAlone = lane === 'server' || seed !== undefined;
  const drawn = seed === undefined ? '' : ` from ${seed}`;
  const flipped = flips.length > 0 ? `, flips ${flips.map(({ table }) => table).join(', ')}` : '';
  const what = `${kind}${count > 1 ? ` of ${count}` : ''}${lasts}${drawn}${flipped}`;
  return `${seconds(atMs)} s  ${lane.split(' ')[0]}${isAlone ? '' : ` ${target}`}: ${what}`;
}
