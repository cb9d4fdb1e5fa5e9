import { rmSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { pairsPerPart } from '../../../../lib/core/ordinals.js';
import { WriteAheadLog, type WriteAheadOptions } from '../../../../lib/server/log/write-ahead/write-ahead-log.js';
import { decode } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';
import { AcknowledgedRooms, leftByKill, openLeft } from './acknowledged-rooms.js';
import { Faults, faultyStore } from './faulty-store.js';

const names = ['annex', 'lobby', 'lobby-2'] as const;

type Step =
  | { readonly kind: 'append'; readonly room: number; readonly count: number; readonly snapshot: boolean }
  | { readonly kind: 'append everywhere'; readonly counts: readonly number[] }
  | { readonly kind: 'remove'; readonly room: number }
  | { readonly kind: 'remove beside an append'; readonly room: number; readonly count: number }
  | {
      readonly kind: 'read';
      readonly room: number;
      readonly after: number;
      readonly max: number;
      readonly bytes: number;
    }
  | { readonly kind: 'recover in slices'; readonly room: number }
  | { readonly kind: 'wait' | 'close' | 'kill' };

const room = fc.nat(names.length - 1);
const count = fc.oneof(
  { weight: 8, arbitrary: fc.nat(6) },
  { weight: 2, arbitrary: fc.integer({ min: 7, max: 150 }) },
  // So that snapshots have parts.
  { weight: 1, arbitrary: fc.integer({ min: pairsPerPart, max: 2 * pairsPerPart }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('append' as const), room, count, snapshot: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('append everywhere' as const),
      counts: fc.array(fc.nat(9), { minLength: names.length, maxLength: names.length }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), room }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('remove beside an append' as const), room, count: fc.nat(5) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      ...{ room, after: fc.nat(400), max: fc.nat(300), bytes: fc.oneof(fc.nat(2000), fc.constant(1e9)) },
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('recover in slices' as const), room }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('wait' as const, 'wait' as const, 'close' as const, 'kill' as const),
    }),
  },
);

const settings = fc.record({
  decode: fc.constant(decode),
  flushes: fc.constant(false),
  takeOverBytes: fc.constantFrom(1, 3000, 60_000, 1_000_000),
  takeOverMs: fc.constantFrom(1, 60_000),
  waitingBytesMax: fc.constantFrom(1, 20_000, 1_000_000),
});

/** Which of the calls of the store behind fail, over and over. */
const refusals = fc.oneof(fc.constant([]), fc.array(fc.boolean(), { minLength: 7, maxLength: 30 }));

describe('A write-ahead log', () => {
  const newDirectory = temporaryDirectories();

  /** The log, wherever it is open, with what it has acknowledged. */
  class Harness {
    readonly rooms = new AcknowledgedRooms();
    readonly #options: WriteAheadOptions;
    readonly #refuses: readonly boolean[];
    #directory = '';
    log!: WriteAheadLog;

    constructor(options: WriteAheadOptions, refuses: readonly boolean[]) {
      this.#options = options;
      this.#refuses = refuses;
    }

    async open(directory: string): Promise<void> {
      this.#directory = directory;
      const { log: store, reported } = await openLeft(directory);
      expect(reported).to.equal(false);
      const { length } = this.#refuses;
      const faults = new Faults((call) => (length > 0 && this.#refuses[call % length] ? 'none of it' : undefined));
      this.log = WriteAheadLog.open(directory, faultyStore(store, faults), this.#options);
      this.rooms.expectIn(this.log, 'once it was opened');
      this.rooms.goOn(this.log);
    }

    async take(next: Step): Promise<void> {
      const { rooms, log } = this;
      const talk = (name: string, messages: number, snapshot = false) =>
        rooms.append(
          log,
          name,
          (script) => [
            ...(script.state.byName.has('Ada') ? [] : [script.join('Ada', true)]),
            ...script.talk('Ada', messages, `${name} ${messages}`),
          ],
          { snapshot },
        );
      switch (next.kind) {
        case 'append':
          await talk(nameOf(next.room), Math.max(next.count, next.snapshot ? 0 : 1), next.snapshot);
          break;
        case 'append everywhere':
          await Promise.all(next.counts.map((messages, index) => talk(nameOf(index), messages + 1)));
          break;
        case 'remove':
          await rooms.remove(log, nameOf(next.room));
          break;
        case 'remove beside an append':
          await Promise.all([rooms.remove(log, nameOf(next.room)), talk(nameOf(next.room + 1), next.count + 1)]);
          break;
        case 'read':
          rooms.expectRun(log, nameOf(next.room), next);
          break;
        case 'recover in slices':
          await rooms.expectRecovered(log, nameOf(next.room), nextTurn);
          break;
        case 'wait':
          await nextTurn();
          break;
        case 'close':
          await log.close();
          await this.open(this.#directory);
          break;
        case 'kill': {
          const left = leftByKill(this.#directory);
          await log.close();
          await this.open(left);
          break;
        }
      }
    }
  }

  it('gives back what it has acknowledged, after any interleaving of appends, removals, refusals, ends and kills [P1] [P3] [P4]', async () => {
    await fc.assert(
      fc.asyncProperty(
        settings,
        refusals,
        fc.array(step, { maxLength: 60, size: 'max' }),
        async (options, refuses, steps) => {
          const directory = newDirectory();
          const harness = new Harness(options, refuses);
          await harness.open(directory);
          try {
            for (const next of steps) await harness.take(next);
            harness.rooms.expectIn(harness.log, 'at the end');
          } finally {
            await harness.log.close();
            rmSync(directory, { recursive: true });
          }
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 60) },
    );
  }).timeout(120_000);
});

function nameOf(index: number): string {
  return names[index % names.length] as string;
}
