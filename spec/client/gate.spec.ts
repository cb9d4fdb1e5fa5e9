import { expect } from 'chai';
import { Gate } from '../../lib/client/gate.js';

describe('Gate', () => {
  it('lets pass at once while it is open, and when it is opened', async () => {
    const gate = new Gate();
    await gate.passage();
    gate.shut();
    gate.shut();
    expect(gate.isOpen).to.equal(false);
    let passed = false;
    const passing = gate.passage().then(() => {
      passed = true;
    });
    await new Promise(setImmediate);
    expect(passed).to.equal(false);
    gate.open();
    await passing;
    expect(gate.isOpen).to.equal(true);
    gate.open();
    await gate.passage();
  });

  it('lets nobody pass who finds it shut again', async () => {
    const gate = new Gate();
    gate.shut();
    let passed = false;
    const passing = gate.passage().then(() => {
      passed = true;
    });
    gate.open();
    gate.shut();
    await new Promise(setImmediate);
    expect(passed).to.equal(false);
    gate.open();
    await passing;
  });
});
