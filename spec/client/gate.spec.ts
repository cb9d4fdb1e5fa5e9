import { expect } from 'chai';
import { Gate } from '../../lib/client/gate.js';

describe('Gate', () => {
  it('lets pass at once while it is open, and when it is opened', async () => {
    const gate = new Gate();
    await gate.passage();
    gate.shut('paused');
    gate.shut('paused');
    expect(gate.isOpen).to.equal(false);
    let passed = false;
    const passing = gate.passage().then(() => {
      passed = true;
    });
    await new Promise(setImmediate);
    expect(passed).to.equal(false);
    gate.open('paused');
    await passing;
    expect(gate.isOpen).to.equal(true);
    gate.open('paused');
    await gate.passage();
  });

  it('is open where no reason holds it shut any more, or at once where all are taken away', () => {
    const gate = new Gate();
    gate.shut('paused');
    gate.shut('unread');
    gate.open('paused');
    expect(gate.isOpen).to.equal(false);
    gate.open('unread');
    expect(gate.isOpen).to.equal(true);
    gate.shut('paused');
    gate.shut('unread');
    gate.open();
    expect(gate.isOpen).to.equal(true);
  });

  it('lets nobody pass who finds it shut again', async () => {
    const gate = new Gate();
    gate.shut('paused');
    let passed = false;
    const passing = gate.passage().then(() => {
      passed = true;
    });
    gate.open('paused');
    gate.shut('paused');
    await new Promise(setImmediate);
    expect(passed).to.equal(false);
    gate.open('paused');
    await passing;
  });
});
