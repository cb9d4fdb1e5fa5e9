import { once } from 'node:events';
import { Writable } from 'node:stream';
import { expect } from 'chai';
import { journalTo, recordsWaitingBytesMax } from '../../lib/platform/bunyan-journal.js';

describe('A journal of bunyan records', () => {
  /** A stream that writes nothing until it is told to, and how much it took. */
  function slowStream() {
    const written: string[] = [];
    let release = () => {};
    let slow = true;
    const stream = new Writable({
      write(chunk, _encoding, done) {
        written.push(String(chunk));
        if (slow) release = done;
        else done();
      },
    });
    return {
      stream,
      async flow() {
        slow = false;
        const drained = once(stream, 'drain');
        release();
        await drained;
      },
      records: () => written.map((line) => JSON.parse(line) as { event: string; number?: number; count?: number }),
    };
  }

  const mebibyte = 'x'.repeat(1024 * 1024);
  const options = { component: 'server', level: 'info' } as const;

  it('says how many were lost while the disk was full, also where saying so is lost at first', async () => {
    let full = false;
    const written: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        if (full) this.emit('lost', chunk);
        else written.push(String(chunk));
        done();
      },
    });
    const journal = journalTo(stream, options);
    journal.info('before');
    full = true;
    for (const event of ['one', 'two', 'three']) journal.info(event);
    full = false;
    journal.info('after');
    await journal.close();
    const records = written.map((line) => JSON.parse(line) as { event: string; count?: number });
    expect(records.map(({ event, count }) => [event, count])).to.deep.equal([
      ['before', undefined],
      ['records-dropped', 3],
      ['after', undefined],
    ]);
  });

  it('lets go of what is recorded after its end, which is no error', async () => {
    const written: string[] = [];
    const stream = new Writable({ write: (chunk, _encoding, done) => done(void written.push(String(chunk))) });
    const journal = journalTo(stream, options);
    journal.info('step');
    const closed = journal.close();
    journal.warn('late');
    await closed;
    journal.warn('later');
    // An error of the stream's, which nobody listens to, would come by now.
    await new Promise(setImmediate);
    expect(written.map((line) => (JSON.parse(line) as { event: string }).event)).to.deep.equal(['step']);
  });

  it('drops records while too many wait for a slow stream, and says how many when it flows again [P12]', async () => {
    const slow = slowStream();
    const journal = journalTo(slow.stream, options);
    const count = 40;
    for (let number = 1; number <= count; number += 1) journal.info('step', { number, mebibyte });
    expect(slow.stream.writableLength).to.be.within(
      recordsWaitingBytesMax,
      recordsWaitingBytesMax + 2 * mebibyte.length,
    );
    await slow.flow();
    journal.info('step', { number: count + 1 });
    await journal.close();

    const records = slow.records();
    const kept = records.length - 2;
    expect(kept).to.be.within(16, 18);
    expect(records.map(({ event, number = 0 }) => [event, number])).to.deep.equal([
      ...Array.from({ length: kept }, (_, index) => ['step', index + 1]),
      ['records-dropped', 0],
      ['step', count + 1],
    ]);
    expect(records.at(-2)).to.include({ count: count - kept, component: 'server' });
  });

  it('says so as well where nothing more is recorded, and counts nothing that was not to be recorded', async () => {
    const slow = slowStream();
    const journal = journalTo(slow.stream, options);
    for (let number = 1; number <= 20; number += 1) journal.info('step', { mebibyte });
    const waiting = slow.stream.writableLength;
    for (let number = 1; number <= 20; number += 1) journal.debug('detail');
    expect(slow.stream.writableLength).to.equal(waiting);
    await slow.flow();
    const records = slow.records();
    expect(records.at(-1)).to.include({ event: 'records-dropped', count: 20 - (records.length - 1) });
    await journal.close();
    expect(slow.records()).to.have.length(records.length);
  });
});
