import { expect } from 'chai';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import { WriteAheadLog } from '../../../../lib/server/log/write-ahead/write-ahead-log.js';
import { decode } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';
import { AcknowledgedRooms, leftByKill, openLeft } from './acknowledged-rooms.js';
import { type FaultKind, Faults, faultyFile, faultyStore } from './faulty-store.js';

/** Beside each other: what is taken over often, now and then, and when next to nothing may wait; segments grow by `takeOverBytes`. */
const settings = {
  'takes over whatever is appended': { takeOverBytes: 1, takeOverMs: 60_000, waitingBytesMax: 1_000_000 },
  'takes over now and then': { takeOverBytes: 2500, takeOverMs: 60_000, waitingBytesMax: 100_000 },
  'lets little wait': { takeOverBytes: 100_000, takeOverMs: 60_000, waitingBytesMax: 1500 },
  'takes over at its end': { takeOverBytes: 100_000, takeOverMs: 60_000, waitingBytesMax: 1_000_000 },
};
type Setting = keyof typeof settings;

const kinds: readonly FaultKind[] = ['none of it', 'half of it', 'all of it'];

describe('A write-ahead log whose disk fails', () => {
  const newDirectory = temporaryDirectories();

  interface Run {
    readonly files: Faults;
    readonly store: Faults;
    /** Is called before each write, flush and truncation. */
    readonly before?: (rooms: AcknowledgedRooms, directory: string) => void;
    /** Erasures may fail too, so what was refused may be there after a kill. */
    readonly isUnsure?: boolean;
  }

  /** What happens in three rooms, whatever of it is refused; after each step all that was acknowledged is read. */
  async function run(setting: Setting, { files, store: storeFaults, before, isUnsure = false }: Run): Promise<void> {
    const directory = newDirectory();
    const rooms = new AcknowledgedRooms();
    const log = WriteAheadLog.open(
      directory,
      faultyStore(LmdbLog.open(directory, { decode, durability: 'process', growthBytes: 64 * 1024 }), storeFaults),
      {
        ...{ decode, flushes: true, ...settings[setting] },
        open: (path) => faultyFile(path, files, () => before?.(rooms, directory)),
      },
    );
    const isSure = () => !isUnsure || files.failed < 2;
    /** Someone joins, if need be, and says so much. */
    const talk = async (room: string, count: number, snapshot = false) => {
      await rooms.append(
        log,
        room,
        (script) => [
          ...(script.state.byName.has('Ada') ? [] : [script.join('Ada', true)]),
          ...script.talk('Ada', count, `${room} `.repeat(count)),
        ],
        { snapshot, isSure },
      );
    };
    const remove = (room: string) => rooms.remove(log, room, isSure);
    const steps = [
      () => talk('lobby', 3),
      () => Promise.all([talk('lobby', 4), talk('annex', 2), talk('porch', 1)]),
      () => talk('annex', 20, true),
      () => talk('lobby', 0, true),
      () => Promise.all([remove('porch'), talk('lobby', 5), talk('annex', 1)]),
      () => talk('porch', 2),
      () => Promise.all([talk('porch', 9, true), talk('lobby', 9)]),
      () => remove('lobby'),
      () => remove('lobby'),
      () => talk('lobby', 1),
      () => Promise.all([talk('lobby', 2), remove('annex')]),
      () => talk('porch', 4),
    ];
    try {
      for (const [index, step] of steps.entries()) {
        await step();
        rooms.expectIn(log, `step ${index}`);
      }
      // It goes on: a second try succeeds, once no more calls fail.
      for (let tries = 0; !(await rooms.append(log, 'porch', (script) => [script.join(`Bob${tries}`)])); tries += 1) {
        expect(tries).to.be.lessThan(20);
      }
      rooms.expectIn(log, 'at the end');
      const killed = await openLeft(leftByKill(directory));
      try {
        // Where what was refused could not be erased, the same sequences may stand for two things: then it says so.
        if (!(isUnsure && killed.reported)) {
          expect(killed.reported).to.equal(false);
          rooms.expectAfterKill(killed.log, 'after a kill');
        }
      } finally {
        await killed.log.close();
      }
    } finally {
      await log.close();
    }
    const closed = await openLeft(directory);
    try {
      expect(closed.reported).to.equal(false);
      rooms.expectIn(closed.log, 'after it was closed');
    } finally {
      await closed.log.close();
    }
  }

  for (const setting of Object.keys(settings) as Setting[]) {
    describe(`and that ${setting}`, () => {
      async function each(
        what: 'files' | 'store',
        { count = 1, isUnsure = false, every = 1 }: { count?: number; isUnsure?: boolean; every?: number },
      ): Promise<void> {
        const without = { files: new Faults(), store: new Faults() };
        await run(setting, without);
        const { calls } = without[what];
        expect(calls).to.be.greaterThan(10);
        for (let first = 1; first <= calls; first += every) {
          const kind = kinds[(first + calls) % 3];
          const plan = new Faults((call) => (call >= first && call < first + count ? kind : undefined));
          const faults = { files: new Faults(), store: new Faults(), [what]: plan };
          try {
            await run(setting, { ...faults, isUnsure });
          } catch (error) {
            throw new Error(`${what}: from call ${first} of ${calls}, ${count} with ${kind}`, { cause: error });
          }
        }
      }

      it('loses nothing that was acknowledged where one write to a segment fails, and keeps nothing that was refused [P1] [P4]', () =>
        each('files', {})).timeout(60_000);

      it('loses nothing that was acknowledged where some writes to a segment fail [P1] [P4]', () =>
        each('files', { count: 5, isUnsure: true, every: 3 })).timeout(60_000);

      it('loses nothing where the store behind refuses once [P1] [P4]', () => each('store', {})).timeout(60_000);

      it('loses nothing where the store behind refuses for a while [P1] [P4]', () =>
        each('store', { count: 6, every: 2 })).timeout(60_000);

      it('has all that was acknowledged wherever the process is killed [P4]', async () => {
        const left: { rooms: AcknowledgedRooms; directory: string }[] = [];
        const before = (rooms: AcknowledgedRooms, directory: string) => {
          left.push({ rooms: rooms.copy(), directory: leftByKill(directory) });
        };
        await run(setting, { files: new Faults(), store: new Faults(), before });
        expect(left).to.have.length.greaterThan(10);
        for (const { rooms, directory } of left) {
          const { log, reported } = await openLeft(directory);
          rooms.expectAfterKill(log, directory);
          expect(reported).to.equal(false);
          await log.close();
        }
      });
    });
  }
});
