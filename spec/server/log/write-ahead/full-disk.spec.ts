import { expect } from 'chai';
import { childPrograms } from '../lmdb/child-program.js';
import { recoveredState } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';
import { openLeft } from './acknowledged-rooms.js';

describe('A write-ahead log on a disk that becomes full', function () {
  this.timeout(60_000);
  const newDirectory = temporaryDirectories();
  const startChild = childPrograms();

  interface Saw {
    /** Each room's newest place as it was found, and as it was acknowledged last. */
    readonly found: Map<string, string>;
    readonly acknowledged: Map<string, string>;
    readonly words: ReadonlySet<string>;
    readonly refused: number;
    readonly last: string;
    readonly end: unknown;
  }

  async function fill(directory: string, args: readonly string[], limitKib: number): Promise<Saw> {
    const child = startChild('../write-ahead/fill-disk.ts', [directory, ...args], limitKib);
    const found = new Map<string, string>();
    const acknowledged = new Map<string, string>();
    const words = new Set<string>();
    let refused = 0;
    let last = '';
    for await (const line of child.lines) {
      const [word = '', room = '', ...place] = line.split(' ');
      if (word === 'wrong') expect.fail(line);
      words.add(word);
      if (word === 'head') found.set(room, place.join(' '));
      if (word === 'acknowledged') acknowledged.set(room, place.join(' '));
      if (word === 'refused') refused += 1;
      last = line;
    }
    return { found, acknowledged, words, refused, last, end: await child.end() };
  }

  for (const durability of ['power', 'process']) {
    for (const [what, takeOverBytes, limitKib] of [
      ['of which LMDB wants more first', 20_000, 1600],
      ['of which a segment wants more first', 8_000_000, 900],
      ['that has next to nothing', 100_000, 800],
    ] as const) {
      it(`${what}, with durability ${durability}, refuses and loses nothing, through a kill, and goes on when there is space [P4]`, async () => {
        const directory = newDirectory();
        const args = [durability, String(takeOverBytes)];
        const first = await fill(directory, [...args, 'kill'], limitKib);
        expect(first.end).to.equal('SIGKILL');
        expect(first.last)
          .to.match(/^full /)
          .and.include('ahead-0');
        expect(first.refused).to.be.greaterThan(0);
        expect(first.acknowledged.size).to.equal(3);

        // The disk is as full as it was.
        const second = await fill(directory, [...args, 'kill'], limitKib);
        expect(second.words).not.to.include('damaged');
        expect(second.end, second.last).to.equal('SIGKILL');
        expect(second.found).to.deep.equal(first.acknowledged);

        const third = await fill(directory, [...args, 'close'], limitKib);
        expect(third.words).not.to.include('damaged');
        expect(third.found).to.deep.equal(new Map([...first.acknowledged, ...second.acknowledged]));
        expect(third.end, third.last).to.equal(0);
        expect(third.last)
          .to.match(/^closed /)
          .and.not.include('ahead');

        const { log } = await openLeft(directory);
        for (const [room, place] of third.acknowledged) {
          const { sequence, chain } = recoveredState(log, room).position;
          expect(`${sequence} ${chain}`).to.equal(place);
        }
        await log.close();
      });
    }
  }
});
