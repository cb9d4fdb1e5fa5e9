import { connect } from 'node:net';
import { expect } from 'chai';
import { defaultLimits } from '../../../lib/core/limits.js';
import { Shares } from '../../../lib/server/access/shares.js';
import { Listener } from '../../../lib/server/door/listener.js';
import { endedAfterEach } from '../../system/endings.js';
import { eventually } from '../../system/eventually.js';
import { preface } from '../rpc/http2-frames.js';
import { RecordingJournal } from '../rpc/recording-journal.js';

describe('a listener', () => {
  const endings = endedAfterEach();

  it('looks at the first bytes of each connection when it is its turn, however they were cut [P10] [P12]', async () => {
    const turns: { readonly key: object; readonly read: () => void }[] = [];
    const accepted: string[] = [];
    const journal = new RecordingJournal();
    const listener = new Listener({
      ...{ limits: defaultLimits, journal, shares: new Shares(defaultLimits) },
      turns: { add: (key, read) => turns.push({ key, read }) },
      accept: (socket) => {
        socket.once('data', (bytes: Buffer) => accepted.push(bytes.toString('latin1')));
        return undefined;
      },
    });
    const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
    endings.add(() => {
      listener.stopListening();
      listener.cutAll();
    });
    const whole = connect(port, '127.0.0.1').on('error', () => {});
    whole.write(Buffer.concat([preface, Buffer.from('one')]));
    await eventually('the first one waits', () => turns.length === 1);
    const gone = connect(port, '127.0.0.1').on('error', () => {});
    gone.write(preface);
    await eventually('so does the next one', () => turns.length === 2);
    const cut = connect(port, '127.0.0.1').on('error', () => {});
    cut.write(preface.subarray(0, 5));
    await eventually('and another', () => turns.length === 3);
    expect(accepted).to.deep.equal([]);
    gone.resetAndDestroy();
    await eventually('the end of one', () => journal.records.some(({ event }) => event === 'connection-closed'));
    expect(new Set(turns.map(({ key }) => key)).size, 'addresses').to.equal(1);
    for (const { read } of turns.splice(0)) read();
    await eventually('the first one is accepted', () => accepted.length === 1);
    cut.write(preface.subarray(5));
    await eventually('the rest waits, too', () => turns.length === 1);
    for (const { read } of turns.splice(0)) read();
    await eventually('the other one is accepted', () => accepted.length === 2);
    const text = preface.toString('latin1');
    expect(accepted).to.deep.equal([`${text}one`, text]);
  });
});
