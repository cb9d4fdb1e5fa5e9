import { expect } from 'chai';
import { SharedFrame } from '../../../lib/server/rpc/grpc-js/framing.js';
import { type ByteStream, StreamPeer, type WireStream } from '../../../lib/server/rpc/stream-peer.js';
import { HeldStream, HeldWire, parts } from './held-stream.js';

describe('the far end of a stream whose HTTP/2 stream is not known', () => {
  let stream: HeldStream;
  let peer: StreamPeer;
  let drains: number;

  beforeEach(() => {
    stream = new HeldStream();
    peer = new StreamPeer({
      ...parts,
      stream: stream as unknown as ByteStream,
      wire: undefined,
      frame: new SharedFrame(),
    });
    drains = 0;
    peer.drained$.subscribe(() => {
      drains += 1;
    });
  });

  const send = (...sizes: readonly number[]) => {
    for (const size of sizes) peer.send(Buffer.alloc(size));
  };

  it('is writable until it holds `writeBytesMax`, and again when all of that is taken [P10] [P12]', async () => {
    send(600, 399);
    expect(peer.writable).to.equal(true);
    send(1);
    expect(peer.writable).to.equal(false);
    await stream.take();
    await stream.take();
    expect([peer.writable, drains]).to.deep.equal([false, 0]);
    await stream.take();
    expect([peer.writable, drains]).to.deep.equal([true, 1]);
    send(999);
    expect(peer.writable, 'what was taken does not count').to.equal(true);
  });

  it('is not writable after 16 writes either, and says once that it is again', async () => {
    send(...Array(15).fill(10));
    expect(peer.writable).to.equal(true);
    send(1_000);
    expect(peer.writable).to.equal(false);
    for (let taken = 0; taken < 16; taken += 1) await stream.take();
    expect([peer.writable, drains]).to.deep.equal([true, 1]);
    send(...Array(16).fill(10));
    expect(peer.writable).to.equal(false);
    for (let taken = 0; taken < 16; taken += 1) await stream.take();
    expect([peer.writable, drains]).to.deep.equal([true, 2]);
  });

  it('waits also for what was sent while it was not writable', async () => {
    send(1_000, 10);
    await stream.take();
    expect([peer.writable, drains]).to.deep.equal([false, 0]);
    await stream.take();
    expect([peer.writable, drains]).to.deep.equal([true, 1]);
  });

  it('says so also where more was sent just when all was taken', async () => {
    for (const sizes of [[1_000], Array(16).fill(10)]) {
      const before = drains;
      send(...sizes);
      for (let taken = 1; taken < sizes.length; taken += 1) await stream.take();
      const taking = stream.take();
      send(10);
      await taking;
      await stream.take();
      expect([peer.writable, drains - before]).to.deep.equal([true, 1]);
    }
  });

  it('fills up again from within the news that it is writable, and says nothing wrong then', async () => {
    peer.drained$.subscribe(() => {
      if (drains === 1) send(1_000);
    });
    send(...Array(15).fill(10), 1_000);
    for (let taken = 0; taken < 16; taken += 1) await stream.take();
    expect([peer.writable, drains]).to.deep.equal([false, 1]);
    await stream.take();
    expect([peer.writable, drains]).to.deep.equal([true, 2]);
  });

  it('is never writable again when its stream has failed', async () => {
    send(1_000);
    await stream.take(new Error('the connection is gone'));
    expect([peer.writable, drains]).to.deep.equal([false, 0]);
  });
});

describe('the far end of a stream', () => {
  let stream: HeldStream;
  let wire: HeldWire;
  let peer: StreamPeer;
  let drains: number;

  beforeEach(() => {
    stream = new HeldStream();
    wire = new HeldWire();
    peer = new StreamPeer({
      ...parts,
      stream: stream as unknown as ByteStream,
      wire: wire as unknown as WireStream,
      frame: new SharedFrame(),
    });
    drains = 0;
    peer.drained$.subscribe(() => {
      drains += 1;
    });
  });

  const send = (...sizes: readonly number[]) => {
    for (const size of sizes) peer.send(Buffer.alloc(size));
  };
  /** The first response, after which the rest goes straight to the HTTP/2 stream. */
  const begin = async () => {
    send(1);
    wire.headersSent = true;
    await stream.take();
  };
  /** What a response of so many bytes is as a frame. */
  const unframed = (size: number) => size - 5;

  it('goes to grpc-js for the first response, and to the HTTP/2 stream for all others', async () => {
    send(1);
    wire.headersSent = true;
    const bytes = Buffer.from('ab');
    peer.send(bytes);
    expect(wire.written.map((written) => written.toString('latin1'))).to.deep.equal(['\0\0\0\0\x02ab']);
    await stream.take();
    await wire.take();
    peer.send(bytes);
    expect([stream.written.length, wire.written.length]).to.deep.equal([1, 2]);
    expect(wire.written[1], 'the same frame').to.equal(wire.written[0]);
  });

  it('is handed what many are sent as it is, behind its own: one message, not copied [P10]', () => {
    const rest = Buffer.from('shared');
    const all: Buffer[] = [];
    const write = wire.write.bind(wire);
    wire.write = ((bytes: Buffer, ...more: []) => {
      all.push(bytes);
      return write(bytes, ...more);
    }) as typeof wire.write;
    Object.assign(stream, {
      sendMetadata: () => {
        wire.headersSent = true;
      },
    });
    peer.send(Buffer.from('own '), rest);
    expect(stream.written, 'past grpc-js').to.deep.equal([]);
    expect(Buffer.concat(all).toString('latin1')).to.equal('\0\0\0\0\x0aown shared');
    expect(all.at(-1)).to.equal(rest);
  });

  it('is handed such a message in one piece where its HTTP/2 stream is gone', () => {
    Object.assign(stream, { sendMetadata: () => {} });
    peer.send(Buffer.from('own '), Buffer.from('shared'));
    expect(stream.written.map(String)).to.deep.equal(['own shared']);
  });

  it('stays with grpc-js while that has not sent the headers, or has something waiting [P2]', async () => {
    send(1, 2);
    wire.headersSent = true;
    send(3);
    expect(wire.written).to.deep.equal([]);
    await stream.take();
    send(4);
    await stream.take();
    send(5);
    expect(wire.written, 'two in grpc-js').to.deep.equal([]);
    await stream.take();
    await stream.take();
    send(6);
    expect(wire.written).to.have.length(1);
    await stream.take();
    expect(stream.written.map(({ length }) => length)).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it('is writable until it holds `writeBytesMax`, in however many writes, and again when all of that is taken [P10] [P12]', async () => {
    await begin();
    send(...Array(99).fill(unframed(10)));
    expect(peer.writable).to.equal(true);
    send(unframed(10));
    expect(peer.writable).to.equal(false);
    for (let taken = 0; taken < 99; taken += 1) await wire.take();
    expect([peer.writable, drains]).to.deep.equal([false, 0]);
    await wire.take();
    expect([peer.writable, drains]).to.deep.equal([true, 1]);
    send(unframed(999));
    expect(peer.writable, 'what was taken does not count').to.equal(true);
  });

  it('waits also for a first response that was large, and for what was sent after it', async () => {
    send(2_000);
    wire.headersSent = true;
    send(10);
    expect(peer.writable).to.equal(false);
    await stream.take();
    expect([peer.writable, drains]).to.deep.equal([false, 0]);
    await wire.take();
    expect([peer.writable, drains]).to.deep.equal([true, 1]);
  });

  it('says that it is writable also where more was sent just when all was taken', async () => {
    await begin();
    send(1_000);
    const taking = wire.take();
    send(10);
    await taking;
    await wire.take();
    expect([peer.writable, drains]).to.deep.equal([true, 1]);
  });

  it('fills up again from within the news that it is writable, and says nothing wrong then', async () => {
    await begin();
    peer.drained$.subscribe(() => {
      if (drains === 1) send(1_000);
    });
    send(10, 1_000);
    await wire.take();
    await wire.take();
    expect([peer.writable, drains]).to.deep.equal([false, 1]);
    await wire.take();
    expect([peer.writable, drains]).to.deep.equal([true, 2]);
  });

  it('is never writable again when its stream has failed', async () => {
    await begin();
    send(1_000);
    await wire.take(new Error('the connection is gone'));
    expect([peer.writable, drains]).to.deep.equal([false, 0]);
  });

  it('writes nothing to a stream that grpc-js has ended or that was reset, and is not writable any more', async () => {
    for (const end of ['end', 'destroy'] as const) {
      wire = new HeldWire();
      wire.headersSent = true;
      peer = new StreamPeer({
        ...parts,
        stream: stream as unknown as ByteStream,
        wire: wire as unknown as WireStream,
        frame: new SharedFrame(),
      });
      wire.on('error', (error) => expect.fail(`${error}`));
      wire[end]();
      send(10);
      await new Promise(setImmediate);
      expect(wire.written).to.deep.equal([]);
      expect(peer.writable).to.equal(false);
    }
  });

  it('says what it holds that was not taken, in grpc-js and in its HTTP/2 stream [P12]', async () => {
    expect(peer.held).to.equal(0);
    send(100);
    wire.headersSent = true;
    expect(peer.held).to.equal(100);
    send(unframed(10));
    expect(peer.held).to.equal(110);
    await stream.take();
    expect(peer.held).to.equal(10);
    await wire.take();
    expect(peer.held).to.equal(0);
  });

  it('writes nothing after its end', async () => {
    await begin();
    peer.end({ kind: 'complete' });
    send(10);
    expect(wire.written).to.deep.equal([]);
  });
});
