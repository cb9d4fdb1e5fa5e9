import { expect } from 'chai';
import type { FastLane } from '../../../lib/server/door/fast-lane.js';
import { SharedFrame } from '../../../lib/server/rpc/grpc-js/framing.js';
import { type ByteStream, StreamPeer, type WireStream } from '../../../lib/server/rpc/stream-peer.js';
import { HeldStream, HeldWire, parts } from './held-stream.js';

/** A lane of which the test says when it is open, and when something has gone out. */
class HeldLane implements FastLane {
  begun = false;
  ended = false;
  queuedBytes = 0;
  heldBytes = 0;
  writtenBytes = 0;
  windowBytes = 65_535;
  unsentBytes = 0;
  alone = true;
  emptied: (() => void) | undefined;
  entered: Parameters<FastLane['enter']>[0] | undefined;
  readonly sent: Buffer[] = [];
  readonly #waiting: ((error?: Error | null) => void)[] = [];

  enter(wire: Parameters<FastLane['enter']>[0]): void {
    this.entered = wire;
  }

  send(message: Buffer, sent?: (error?: Error | null) => void): void {
    this.sent.push(message);
    this.heldBytes += message.length;
    if (sent) this.#waiting.push(sent);
  }

  /** All that it holds goes out. */
  take(): void {
    this.heldBytes = 0;
    for (const sent of this.#waiting.splice(0)) sent();
  }
}

describe('the far end of a stream with a fast lane', () => {
  let stream: HeldStream;
  let wire: HeldWire;
  let lane: HeldLane;
  let peer: StreamPeer;
  let drains: number;
  const closes: number[] = [];

  beforeEach(() => {
    stream = new HeldStream();
    wire = Object.assign(new HeldWire(), { close: (code: number) => closes.push(code) });
    lane = new HeldLane();
    peer = new StreamPeer({
      ...parts,
      stream: stream as unknown as ByteStream,
      wire: wire as unknown as WireStream,
      lane,
      frame: new SharedFrame(),
    });
    drains = 0;
    peer.drained$.subscribe(() => {
      drains += 1;
    });
  });

  const begin = async () => {
    peer.send(Buffer.from('first'));
    wire.headersSent = true;
    await stream.take();
    lane.begun = true;
  };

  it('has taken what went out of it while more waits for its windows, and else what its connection took too [P10]', async () => {
    peer = new StreamPeer({
      ...parts,
      sockets: { cut: () => {}, taken: () => 10_000 },
      stream: stream as unknown as ByteStream,
      wire: wire as unknown as WireStream,
      lane,
      frame: new SharedFrame(),
    });
    await begin();
    expect(peer.taken, 'not by the lane yet').to.equal(10_000);
    lane.windowBytes = 0;
    Object.defineProperty(wire, 'writableLength', { value: 100, configurable: true });
    expect(peer.taken, 'for its own window it waits before, too').to.equal(0);
    lane.windowBytes = 65_535;
    Reflect.deleteProperty(wire, 'writableLength');
    peer.send(Buffer.alloc(2_000));
    [lane.writtenBytes, lane.queuedBytes] = [500, 1_500];
    expect(peer.taken).to.equal(500);
    [lane.writtenBytes, lane.queuedBytes] = [2_000, 0];
    expect(peer.taken).to.equal(12_000);
  });

  it('is sent nothing by the lane before the headers and all that was written before have gone out [P2]', async () => {
    peer.send(Buffer.from('1'));
    wire.headersSent = true;
    peer.send(Buffer.from('2'));
    lane.begun = true;
    peer.send(Buffer.from('3'));
    await stream.take();
    peer.send(Buffer.from('4'));
    expect(lane.sent).to.deep.equal([]);
    for (const _ of [2, 3, 4]) await wire.take();
    peer.send(Buffer.from('5'));
    expect(lane.sent.map(String)).to.deep.equal(['\0\0\0\0\u00015']);
    expect([stream.written.length, wire.written.length]).to.deep.equal([1, 3]);
  });

  it('is writable until the lane holds `writeBytesMax`, and again when all of that has gone out [P10] [P12]', async () => {
    await begin();
    peer.send(Buffer.alloc(900));
    expect(peer.writable).to.equal(true);
    peer.send(Buffer.alloc(100));
    expect(peer.writable).to.equal(false);
    peer.send(Buffer.alloc(10));
    expect([peer.writable, drains]).to.deep.equal([false, 0]);
    lane.take();
    expect([peer.writable, drains]).to.deep.equal([true, 1]);
  });

  it('ends when the client has taken what waits for its windows, and not before', async () => {
    await begin();
    peer.send(Buffer.alloc(10));
    lane.queuedBytes = 15;
    peer.end({ kind: 'complete' });
    expect(stream.writableEnded).to.equal(false);
    lane.emptied?.();
    expect(stream.writableEnded).to.equal(true);
  });

  it('is sent nothing when its stream has ended, and is not writable any more', async () => {
    await begin();
    peer.send(Buffer.alloc(1));
    lane.ended = true;
    peer.send(Buffer.alloc(1));
    expect([lane.sent.length, peer.writable]).to.deep.equal([1, false]);
  });

  it('is reset where the lane finds a fault of the client’s', async () => {
    await begin();
    peer.send(Buffer.alloc(1));
    lane.entered?.close(3);
    expect(closes).to.deep.equal([3]);
  });
});
