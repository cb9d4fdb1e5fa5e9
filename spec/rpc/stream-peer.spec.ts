import { Writable } from 'node:stream';
import { expect } from 'chai';
import { type ByteStream, StreamPeer } from '../../lib/rpc/stream-peer.js';

/** A stream of which the test says when it takes something. */
class HeldStream extends Writable {
  readonly #waiting: ((error?: Error) => void)[] = [];

  constructor() {
    super({ objectMode: true });
    this.on('error', () => {});
  }

  getPeer(): string {
    return 'held:1';
  }

  override _write(_bytes: Buffer, _encoding: string, taken: (error?: Error) => void): void {
    this.#waiting.push(taken);
  }

  /** Takes the oldest write, or fails at it. */
  async take(error?: Error): Promise<void> {
    this.#waiting.shift()?.(error);
    // What the stream tells of it, it tells in the same turn.
    await new Promise(setImmediate);
  }
}

describe('the far end of a stream', () => {
  let stream: HeldStream;
  let peer: StreamPeer;
  let drains: number;

  beforeEach(() => {
    stream = new HeldStream();
    peer = new StreamPeer(stream as unknown as ByteStream, { cut: () => {} }, 1_000);
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
