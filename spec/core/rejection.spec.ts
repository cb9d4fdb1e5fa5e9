import { expect } from 'chai';
import { rejection, rejectionDetails } from '../../lib/core/rejection.js';

describe('A rejection', () => {
  it('says which publish, why in constant words, and when to try again [P9]', () => {
    expect(rejection('RATE_LIMITED', 7, 250)).to.deep.equal({
      ordinal: 7,
      reason: 'RATE_LIMITED',
      detail: rejectionDetails.RATE_LIMITED,
      retryAfterMs: 250,
    });
    expect(rejection('NAME_TAKEN')).to.include({ ordinal: 0, retryAfterMs: 0 });
  });
});
