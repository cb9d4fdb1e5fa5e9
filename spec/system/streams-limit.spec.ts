import { expect } from 'chai';
import { defaultLimits } from '../../lib/core/limits.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';

describe('a connection with more calls than it may have streams', () => {
  const endings = endedAfterEach();

  it('has those too many wait until others end, and none of them refused [P12]', async () => {
    const { streamsPerConnectionMax } = defaultLimits;
    const server = await ServerProcess.start(endings);
    const caller = new RawCaller(endings, server.address);
    const visits = Array.from({ length: streamsPerConnectionMax + 4 }, (_, n) =>
      caller.subscribe({ name: `Ada ${n}` }),
    );
    const welcomed = () => visits.filter(({ welcome }) => welcome);
    await eventually('as many as may', () => welcomed().length === streamsPerConnectionMax);
    expect(visits.filter(({ end }) => end)).to.deep.equal([]);
    for (const visit of welcomed().slice(0, 4)) visit.cancel();
    await eventually('the others', () => welcomed().length === visits.length);
    expect(visits.filter(({ end }) => end)).to.have.length(4);
  });
});
