import { expect } from 'chai';
import { risePerHour } from './trend.js';

describe('risePerHour', () => {
  it('is the slope of what rises evenly, whatever it began with', () => {
    const readings = [0, 1, 2, 3].map((step) => ({ hours: step / 60, value: 100 + step }));
    expect(risePerHour(readings)).to.be.closeTo(60, 1e-9);
  });

  it('is 0 for what goes up and down, and where there is nothing to compare', () => {
    expect(risePerHour([5, 9, 9, 5].map((value, hours) => ({ hours, value })))).to.be.closeTo(0, 1e-9);
    expect(risePerHour([{ hours: 0, value: 7 }])).to.equal(0);
  });
});
