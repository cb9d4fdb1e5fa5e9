import { expect } from 'chai';
import { defaultLimits } from '../../../lib/core/limits.js';
import { descriptors } from '../../../lib/platform/descriptors.js';
import { withinDescriptors } from '../../../lib/server/door/descriptors.js';
import { RecordingJournal } from '../rpc/recording-journal.js';

describe('the descriptors that a server may have', () => {
  it('leave the limits as they are where there are enough, or nobody says how many', () => {
    const journal = new RecordingJournal();
    expect(withinDescriptors(defaultLimits, journal, { max: 20_000, open: 30 })).to.equal(defaultLimits);
    expect(withinDescriptors(defaultLimits, journal, undefined)).to.deep.equal(defaultLimits);
    expect(descriptors('/nowhere')).to.equal(undefined);
    expect(journal.records).to.deep.equal([]);
  });

  it('bound the connections where they are few, with a record; one connection there always is', () => {
    const journal = new RecordingJournal();
    expect(withinDescriptors(defaultLimits, journal, { max: 64, open: 28 })).to.deep.equal({
      ...defaultLimits,
      connectionsMax: 20,
    });
    expect(withinDescriptors(defaultLimits, journal, { max: 32, open: 28 }).connectionsMax).to.equal(1);
    expect(journal.records).to.have.length(2);
  });
});
