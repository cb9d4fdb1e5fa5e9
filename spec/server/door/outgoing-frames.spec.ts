import { expect } from 'chai';
import fc from 'fast-check';
import { SharedDataFrames } from '../../../lib/server/door/fast-lane.js';
import { initialWindowBytes } from '../../../lib/server/door/http2-frames.js';
import { OutgoingFrames, type OutgoingOwner } from '../../../lib/server/door/outgoing-frames.js';
import { ReceiveWindows } from '../../bench/load/receive-windows.js';
import { frame, settings, settingsAck } from '../rpc/http2-frames.js';

const [dataType, headersType, resetType, settingsType, pingType] = [0x0, 0x1, 0x3, 0x4, 0x6];
const endStream = 0x1;
const endHeaders = 0x4;
const streams = [1, 3, 5] as const;

/** What a client makes of what comes out: it counts its windows, and keeps what it was sent of each stream. */
class CountingClient {
  readonly windows = new ReceiveWindows();
  readonly received = new Map<number, string[]>();
  readonly order: number[] = [];
  #bytes = Buffer.alloc(0);
  #settings: number[] = [];

  begin(stream: number): void {
    this.windows.open(stream);
    this.received.set(stream, []);
  }

  sendSettings(initial: number): void {
    this.#settings.push(initial);
  }

  take(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    while (this.#bytes.length >= 9) {
      const length = this.#bytes.readUIntBE(0, 3);
      expect(length, 'the length of a frame').to.be.at.most(16_384);
      if (this.#bytes.length < 9 + length) return;
      const [type, flags, stream] = [this.#bytes[3], this.#bytes[4] as number, this.#bytes.readUInt32BE(5)];
      const payload = this.#bytes.subarray(9, 9 + length);
      this.#bytes = this.#bytes.subarray(9 + length);
      const received = this.received.get(stream);
      if (type === dataType) {
        this.windows.received(stream, length);
        received?.push(payload.toString('latin1'));
      } else if (type === headersType) received?.push(`<${payload.toString('latin1')}>`);
      else if (type === settingsType && flags & 1) this.windows.acknowledged(this.#settings.shift() as number);
      if ((type === dataType || type === headersType) && flags & endStream) received?.push('<end>');
    }
  }

  /** Whether it has whole frames only. */
  get atBoundary(): boolean {
    return this.#bytes.length === 0;
  }
}

/** What a session that sees only itself would send, and what comes by lanes, with a client that counts. */
class Scene {
  readonly client = new CountingClient();
  readonly out: OutgoingFrames;
  readonly handed = new Map<number, string>();
  readonly told: string[] = [];
  readonly #ended = new Set<number>();
  readonly #entered = new Set<number>();
  /** The session's own view of what it may send. */
  #session = initialWindowBytes;
  readonly #views = new Map<number, number>();
  #initial = initialWindowBytes;
  #settings: number[] = [];
  #count = 0;

  constructor() {
    const owner: OutgoingOwner = {
      unsentBytes: 0,
      write: (frames, sent) => {
        this.client.take(frames);
        sent?.();
      },
      noted: () => {},
    };
    this.out = new OutgoingFrames(owner, { shared: new SharedDataFrames(), settingsSent: settings });
    // As a session begins, which the client was told before.
    this.#write(Buffer.concat([settings, settingsAck]), []);
    for (const stream of streams) {
      this.out.begin(stream);
      this.client.begin(stream);
      this.#views.set(stream, initialWindowBytes);
      this.handed.set(stream, '');
      this.#write(frame(headersType, endHeaders, stream, Buffer.from('head')), []);
      this.#hand(stream, '<head>');
    }
  }

  /** Returns how much the session, by its own view, may send, and sends. */
  sessionData(stream: number, bytes: number, cuts: readonly number[]): number {
    if (this.#ended.has(stream) || this.#entered.has(stream)) return 0;
    const length = Math.min(bytes, 16_384, this.#session, this.#views.get(stream) as number);
    if (length <= 0) return 0;
    this.#session -= length;
    this.#views.set(stream, (this.#views.get(stream) as number) - length);
    const payload = this.#payload(length);
    this.#hand(stream, payload);
    this.#write(frame(dataType, 0, stream, Buffer.from(payload, 'latin1')), cuts);
    return length;
  }

  trailers(stream: number): void {
    if (this.#ended.has(stream)) return;
    this.#ended.add(stream);
    this.#hand(stream, '<status><end>');
    this.#write(frame(headersType, endHeaders | endStream, stream, Buffer.from('status')), []);
  }

  ping(): void {
    this.#write(frame(pingType, 1, 0, Buffer.alloc(8)), [4]);
  }

  lane(stream: number, bytes: number): void {
    const lane = this.out.lane(stream);
    if (!lane || this.#ended.has(stream)) return;
    if (!this.#entered.has(stream)) lane.enter({ close: () => {} });
    this.#entered.add(stream);
    const payload = this.#payload(bytes);
    this.#hand(stream, payload);
    const index = this.#count;
    lane.send(Buffer.from(payload, 'latin1'), () => this.told.push(`${stream}:${index}`));
  }

  opened(stream: number, increment: number): void {
    this.client.windows.told(stream, increment);
    if (stream === 0) {
      expect(this.out.windows.openConnection(increment)).to.equal(true);
      this.out.flush();
    } else if (this.out.openStream(stream, increment)) {
      this.#views.set(stream, (this.#views.get(stream) as number) + increment);
    }
    this.#session += this.out.windows.grant();
  }

  settings(initial: number): void {
    this.client.sendSettings(initial);
    this.out.windows.settingsCame(initial);
    this.#settings.push(initial);
  }

  acknowledge(): void {
    const initial = this.#settings.shift();
    if (initial === undefined) return;
    for (const [stream, view] of this.#views) this.#views.set(stream, view + initial - this.#initial);
    this.#initial = initial;
    this.#write(frame(settingsType, 1, 0, Buffer.alloc(0)), []);
    this.#session += this.out.windows.grant();
  }

  received(stream: number): string {
    return (this.client.received.get(stream) ?? []).join('');
  }

  #payload(length: number): string {
    this.#count += 1;
    return `${this.#count}.`.repeat(Math.ceil(length / 2)).slice(0, length);
  }

  #hand(stream: number, what: string): void {
    this.handed.set(stream, `${this.handed.get(stream)}${what}`);
  }

  #write(bytes: Buffer, cuts: readonly number[]): void {
    const ends = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
    for (const [index, end] of [...ends, bytes.length].entries()) {
      this.out.bySession(bytes.subarray(ends[index - 1] ?? 0, end), () => {});
    }
  }
}

describe('what goes out on a connection with fast lanes', () => {
  it('never exceeds a window, stays in order on each stream, and comes out when the windows allow it', () => {
    const stream = fc.constantFrom(...streams);
    const step = fc.oneof(
      fc.tuple(
        fc.constant('session' as const),
        stream,
        fc.integer({ min: 1, max: 30_000 }),
        fc.array(fc.nat(), { maxLength: 3 }),
      ),
      fc.tuple(fc.constant('lane' as const), stream, fc.integer({ min: 5, max: 70_000 })),
      fc.tuple(fc.constant('open' as const), fc.constantFrom(0, ...streams), fc.integer({ min: 1, max: 40_000 })),
      fc.tuple(fc.constant('settings' as const), fc.integer({ min: 0, max: 200_000 })),
      fc.tuple(fc.constant('acknowledge' as const)),
      fc.tuple(fc.constant('trailers' as const), stream),
      fc.tuple(fc.constant('ping' as const)),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const scene = new Scene();
        for (const [kind, ...values] of steps) {
          const [a, b, c] = values as [number, number, number[]];
          if (kind === 'session') scene.sessionData(a, b, c);
          else if (kind === 'lane') scene.lane(a, b);
          else if (kind === 'open') scene.opened(a, b);
          else if (kind === 'settings') scene.settings(a);
          else if (kind === 'acknowledge') scene.acknowledge();
          else if (kind === 'trailers') scene.trailers(a);
          else scene.ping();
          expect(scene.client.atBoundary, 'whole frames').to.equal(true);
          for (const one of streams) {
            expect((scene.handed.get(one) as string).startsWith(scene.received(one)), `the order on ${one}`).to.equal(
              true,
            );
          }
        }
        for (let rest = 0; rest < steps.length; rest += 1) scene.acknowledge();
        for (const one of streams) scene.opened(one, 10_000_000);
        scene.opened(0, 10_000_000);
        for (const one of streams) expect(scene.received(one).length).to.equal(scene.handed.get(one)?.length);
        expect(scene.out.waits).to.equal(false);
      }),
      { numRuns: 300 },
    );
  });

  it('sends what of the session’s has waited before what comes by a lane later', () => {
    const scene = new Scene();
    scene.lane(1, initialWindowBytes);
    scene.sessionData(3, 16_000, []);
    scene.opened(1, 10_000_000);
    scene.opened(0, 15_000);
    scene.lane(1, 10);
    scene.opened(0, 1_000);
    expect(scene.received(3)).to.have.length('<head>'.length + 16_000);
    scene.opened(0, 10);
    expect(scene.received(1)).to.have.length('<head>'.length + initialWindowBytes + 10);
  });

  it('never holds more of the session’s than the window that every connection begins with [P12]', () => {
    const scene = new Scene();
    for (const stream of [0, ...streams]) scene.opened(stream, 10_000_000);
    for (let sent = 0; sent < 3; sent += 1) scene.sessionData(3, 16_384, []);
    scene.opened(0, 1);
    const before = scene.received(3).length;
    for (let sent = 0; sent < 10_000_000; sent += 65_535) scene.lane(1, 65_535);
    scene.opened(1, 10_000_000);
    let held = 0;
    for (let round = 0; round < 100; round += 1) held += scene.sessionData(3, 16_384, []);
    expect(held).to.be.within(1, initialWindowBytes);
    expect(scene.received(3).length - before).to.be.lessThan(initialWindowBytes);
  });

  it('is the same buffer for all whose stream has the same number', () => {
    const shared = new SharedDataFrames();
    const written: Buffer[] = [];
    const message = Buffer.from('\0\0\0\0\u0003abc');
    for (let client = 0; client < 3; client += 1) {
      const owner: OutgoingOwner = { unsentBytes: 0, write: (frames) => written.push(frames), noted: () => {} };
      const out = new OutgoingFrames(owner, { shared, settingsSent: settings });
      out.begin(1);
      out.bySession(frame(headersType, endHeaders, 1, Buffer.from('head')), () => {});
      const lane = out.lane(1);
      lane?.enter({ close: () => {} });
      lane?.send(message);
    }
    const sent = written.filter((bytes) => bytes[3] === dataType);
    expect(sent).to.have.length(3);
    expect(new Set(sent).size).to.equal(1);
    expect(sent[0]?.equals(frame(dataType, 0, 1, message))).to.equal(true);
  });

  it('waits while the session is in the middle of a frame', () => {
    const scene = new Scene();
    const bytes = frame(dataType, 0, 3, Buffer.from('abcdef'));
    scene.out.bySession(bytes.subarray(0, 11), () => {});
    scene.lane(1, 10);
    expect(scene.received(1)).to.equal('<head>');
    scene.out.bySession(bytes.subarray(11), () => {});
    expect([scene.received(1).length, scene.received(3)]).to.deep.equal(['<head>'.length + 10, '<head>abcdef']);
  });

  it('answers a PING though DATA before it has to wait', () => {
    const scene = new Scene();
    scene.lane(1, initialWindowBytes);
    scene.sessionData(3, 10, []);
    scene.trailers(3);
    expect(scene.out.sessionWaits).to.equal(true);
    let answered = false;
    scene.out.bySession(frame(pingType, 1, 0, Buffer.alloc(8)), () => {
      answered = true;
    });
    expect([answered, scene.received(3)]).to.deep.equal([true, '<head>']);
    scene.opened(0, 10);
    expect(scene.received(3)).to.have.length('<head>'.length + 10 + '<status><end>'.length);
  });

  it('forgets what waits on a stream that is reset, and lets others have its place', () => {
    const scene = new Scene();
    scene.lane(1, 2 * initialWindowBytes);
    scene.sessionData(3, 100, []);
    scene.out.drop(3);
    scene.sessionData(5, 100, []);
    scene.out.bySession(frame(resetType, 0, 1, Buffer.alloc(4)), () => {});
    expect([scene.out.lane(1), scene.out.lane(3)]).to.deep.equal([undefined, undefined]);
    scene.opened(0, 100);
    expect([scene.received(3), scene.received(5).length]).to.deep.equal(['<head>', '<head>'.length + 100]);
    expect(scene.out.waits).to.equal(false);
  });

  it('tells of a message when the last of it has gone out', () => {
    const scene = new Scene();
    scene.lane(1, initialWindowBytes + 1);
    expect(scene.told).to.deep.equal([]);
    scene.opened(0, 1);
    scene.opened(1, 1);
    expect(scene.told).to.have.length(1);
  });

  it('resets a stream in the lane whose window the client opens by nothing, or too far (RFC 9113, section 6.9)', () => {
    const scene = new Scene();
    const codes: number[] = [];
    scene.out.lane(1)?.enter({ close: (code) => codes.push(code) });
    expect(scene.out.openStream(1, 0)).to.equal(false);
    expect(scene.out.openStream(1, 2 ** 31 - 1)).to.equal(false);
    expect(codes).to.deep.equal([0x1, 0x3]);
    expect(scene.out.openStream(3, 2 ** 31 - 1), 'the session answers for its own').to.equal(true);
    expect(scene.out.windows.openConnection(2 ** 31 - 1)).to.equal(false);
  });
});
