import { expect } from 'chai';
import { Random } from '../../simulation/random.js';
import { endedAfterEach, temporaryDirectory } from '../endings.js';
import { itUnless } from '../it-unless.js';
import { type Cut, cutsOf, judged } from './cuts.js';
import { recordLives } from './lives.js';
import { type Recorded, readRecorded } from './recorded.js';
import { withoutStrace } from './strace.js';

const itWithStrace = itUnless(withoutStrace());

describe('A loss of power, simulated over a recorded server', function () {
  this.timeout(120_000);
  const endings = endedAfterEach();

  async function faultsOf(recorded: Recorded, cuts: readonly Cut[]): Promise<string[]> {
    const faults: string[] = [];
    for await (const { cut, manners, faults: found } of judged(recorded, cuts)) {
      faults.push(...found.map((fault) => `${cut.number} before ${cut.before} ${JSON.stringify(manners)}: ${fault}`));
    }
    return faults;
  }

  itWithStrace(
    'loses nothing that was told, whenever it comes and whatever the disk has of the last writes [P4]',
    async () => {
      const directory = temporaryDirectory(endings);
      const kinds = ['stopped', 'refused', 'removing'] as const;
      await recordLives({ directory, kinds, generations: 2, laterMsMax: 0, durability: 'power' });
      const recorded = readRecorded(directory);
      expect(recorded.told.size).to.be.greaterThan(0);
      expect(await faultsOf(recorded, cutsOf(recorded, { seed: 4, count: 6 }))).to.deep.equal([]);
    },
  );

  itWithStrace('is seen to lose what a server told that does not flush', async () => {
    const directory = temporaryDirectory(endings);
    await recordLives({ directory, kinds: ['killed'], generations: 1, laterMsMax: 0, durability: 'process' });
    const recorded = readRecorded(directory);
    const before = Math.max(...recorded.told.values()) + 1;
    const cut: Cut = { number: 1, before, near: 'anywhere', manner: 'none', random: new Random(1) };
    expect((await faultsOf(recorded, [cut])).join('\n')).to.match(/hall (is lost|lost), /);
  });
});
