import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { defaultLimits } from '../../../lib/core/limits.js';
import { type FastLane, SharedDataFrames } from '../../../lib/server/door/fast-lane.js';
import { FrameGate } from '../../../lib/server/door/frame-gate.js';
import { settingsFrame } from '../../../lib/server/door/http2-frames.js';
import { Http2Connection } from '../../bench/load/http2-connection.js';
import { endedAfterEach } from '../../system/endings.js';
import { eventually } from '../../system/eventually.js';
import {
  frame,
  framesIn,
  frameTypes,
  ping,
  preface,
  request,
  settingNames,
  settings,
  settingsOf,
  windowUpdate,
} from '../rpc/http2-frames.js';
import { RawSocket } from '../rpc/raw-socket.js';

interface Taken {
  readonly gate: FrameGate;
  readonly socket: Socket;
  readonly streams: ServerHttp2Stream[];
}

describe('a gate before node:http2', () => {
  const endings = endedAfterEach();
  const faults: number[] = [];
  let taken: Taken[];
  let address: string;
  let port: number;

  /** A server whose connections go through gates; whoever calls is answered by headers and one byte. */
  async function start(options: { closeMsMax?: number; stallMsMax?: number; fastLane?: boolean } = {}): Promise<void> {
    const { fastLane = true, ...times } = options;
    taken = [];
    faults.length = 0;
    const http2 = createHttp2Server();
    const shared = fastLane ? new SharedDataFrames() : undefined;
    http2.on('session', () => {});
    http2.on('stream', (stream) => {
      stream.on('error', () => {});
      stream.resume();
      stream.respond({ ':status': 200 });
      stream.write('<');
      taken.at(-1)?.streams.push(stream);
    });
    const listener = createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => {});
      const gate = new FrameGate(socket, {
        ...{ closeMsMax: 1_000, stallMsMax: 30_000, ...times },
        shared,
        control: { settings: settingsFrame([]), limits: defaultLimits },
        begin: (_, stream) => http2.emit('connection', stream),
        refused: (_, code) => faults.push(code),
      });
      taken.push({ gate, socket, streams: [] });
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    port = (listener.address() as AddressInfo).port;
    address = `127.0.0.1:${port}`;
    endings.add(() => {
      listener.close();
      for (const { socket } of taken) socket.destroy();
    });
  }

  /** The lane of a stream whose first byte is out. */
  async function laneOf(stream: number): Promise<FastLane> {
    const lane = await eventually('the lane', () => {
      const found = taken.at(-1)?.gate.outgoing?.lane(stream);
      const wire = taken.at(-1)?.streams.find(({ id }) => id === stream);
      return found?.begun && wire?.writableLength === 0 && found;
    });
    const wire = taken.at(-1)?.streams.find(({ id }) => id === stream);
    if (wire) lane.enter(wire);
    return lane;
  }

  for (const window of [300, 65_535, 1_000_000]) {
    it(`brings all by the lane, in order and never more than a client with windows of ${window} bytes allows`, async () => {
      await start();
      let received = '';
      let fault: string | undefined;
      let ended = false;
      const connection = new Http2Connection(endings, address, {
        window,
        data: (_, bytes, from, to) => {
          received += bytes.toString('latin1', from, to);
        },
        ended: () => {
          ended = true;
        },
        fault: (what) => {
          fault = what;
        },
      });
      connection.open(1, '/');
      const lane = await laneOf(1);
      let sent = '<';
      for (let index = 0; index < 60; index += 1) {
        const message = `${index}.`.repeat(1 + ((index * 7919) % 3000));
        sent += message;
        await new Promise<void>((resolve) => lane.send(Buffer.from(message, 'latin1'), () => resolve()));
      }
      taken[0]?.streams[0]?.end('>');
      await eventually(
        () => `the end; ${fault}`,
        () => ended || fault,
      );
      expect(fault).to.equal(undefined);
      expect(received === `${sent}>`).to.equal(true);
    });
  }

  for (const fastLane of [true, false]) {
    const how = fastLane ? 'with' : 'without';
    it(`tells a session all that the client allowed before there was one, ${how} lanes`, async () => {
      await start({ fastLane });
      let received = 0;
      let fault: string | undefined;
      const connection = new Http2Connection(endings, address, {
        window: 1_000_000,
        data: (_, __, from, to) => {
          received += to - from;
        },
        ended: () => {},
        fault: (what) => {
          fault = what;
        },
      });
      await eventually('the connection', () => taken.length === 1);
      connection.open(1, '/');
      const stream = await eventually('the stream', () => taken[0]?.streams[0]);
      stream.end(Buffer.alloc(3_000_000));
      await eventually(
        () => `all; ${fault}`,
        () => received === 3_000_001 || fault,
      );
      expect(fault).to.equal(undefined);
    });

    it(`takes a first window of the connection as it was opened before the first call, ${how} lanes`, async () => {
      await start({ fastLane });
      const raw = new RawSocket(endings, port);
      const dataBytes = () =>
        framesIn(raw.received)
          .frames.filter(({ type }) => type === frameTypes.data)
          .reduce((sum, { payload }) => sum + payload.length, 0);
      const windows = settingsOf([settingNames.initialWindowSize, 2 ** 31 - 1]);
      const opened = [windowUpdate(0, 100_000), windowUpdate(0, 50_000)];
      raw.write(Buffer.concat([preface, windows, ...opened, request(1, '/')]));
      const stream = await eventually('the stream', () => taken[0]?.streams[0]);
      stream.end(Buffer.alloc(400_000));
      await eventually('as much as the windows allow', () => dataBytes() === 65_535 + 150_000);
      raw.write(Buffer.concat([windowUpdate(0, 7), ping()]));
      await eventually('7 bytes more', () => dataBytes() === 65_535 + 150_007);
    });
  }

  it('closes a connection whose preface is another, without a word', async () => {
    await start();
    const raw = new RawSocket(endings, port);
    raw.write(Buffer.concat([preface.subarray(0, 20), Buffer.from('xyz\n'), settings, request(1, '/')]));
    await raw.closed;
    expect([raw.received.length, taken[0]?.streams.length]).to.deep.equal([0, 0]);
    expect(faults).to.deep.equal([0x1]);
  });

  it('brings what the session sends, of any length, when lanes have taken its part of the window', async () => {
    await start();
    const received = new Map<number, number>();
    let fault: string | undefined;
    const connection = new Http2Connection(endings, address, {
      window: 65_535,
      data: (stream, _, from, to) => received.set(stream, (received.get(stream) ?? 0) + to - from),
      ended: () => {},
      fault: (what) => {
        fault = what;
      },
    });
    connection.open(1, '/');
    const lane = await laneOf(1);
    for (let sent = 0; sent < 30; sent += 1) lane.send(Buffer.alloc(10_000));
    await eventually(
      () => `all by the lane; ${fault}`,
      () => received.get(1) === 300_001 || fault,
    );
    connection.openStream = 3;
    connection.open(3, '/');
    const second = await eventually('the second stream', () => taken[0]?.streams[1]);
    second.end(Buffer.alloc(500_000));
    await eventually(
      () => `all by the session; ${fault}`,
      () => received.get(3) === 500_001 || fault,
    );
    expect(fault).to.equal(undefined);
  });

  it('cuts a client that never opens its windows for what the session has ended', async () => {
    await start({ stallMsMax: 50 });
    const raw = new RawSocket(endings, port);
    raw.write(Buffer.concat([preface, settings, request(1, '/'), request(3, '/')]));
    const lane = await laneOf(1);
    lane.send(Buffer.alloc(100_000));
    const other = await eventually('the second stream', () => taken[0]?.streams[1]);
    other.end('held');
    await raw.closed;
    expect(faults).to.deep.equal([]);
  });

  it('closes a connection that is over though its client does not, and reads nothing more of it', async () => {
    await start({ closeMsMax: 50 });
    const raw = new RawSocket(endings, port);
    raw.write(Buffer.concat([preface, settings, request(1, '/')]));
    const stream = await eventually('the stream', () => taken[0]?.streams[0]);
    raw.stopReading();
    raw.write(Buffer.concat([frame(0x6, 0, 1, Buffer.alloc(8)), request(3, '/')]));
    await eventually('the end of the connection', () => taken[0]?.socket.destroyed);
    expect([stream.destroyed, taken[0]?.streams.length]).to.deep.equal([true, 1]);
    expect(faults).to.deep.equal([0x1]);
  });

  it('ends a lane with its connection', async () => {
    await start();
    const raw = new RawSocket(endings, port);
    raw.write(Buffer.concat([preface, settings, request(1, '/')]));
    const lane = await laneOf(1);
    raw.write(frame(0x6, 0, 1, Buffer.alloc(8)));
    await raw.closed;
    expect(lane.ended).to.equal(true);
    lane.send(Buffer.from('nobody hears it'));
  });
});
