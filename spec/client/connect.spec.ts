import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { Server as GrpcServer, ServerCredentials, status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import type { Status } from '../../lib/client/chat-client.js';
import { connect } from '../../lib/client/connect.js';
import { CannotConnect, Refused } from '../../lib/client/errors.js';
import { LamportClock } from '../../lib/client/index.js';
import type { RoomEvent } from '../../lib/core/event.js';
import { rejection } from '../../lib/core/rejection.js';
import { faultOf } from './promised.js';
import { ScriptedRoom } from './scripted-room.js';
import { ScriptedServer, type ScriptedStream } from './scripted-server.js';
import { withLimits } from './with-limits.js';

describe('connect', () => {
  let server: ScriptedServer;

  beforeEach(async () => {
    server = await ScriptedServer.start();
  });

  afterEach(() => server.stop());

  const joining = (name = 'Ada') => connect({ server: server.address, name, reconnect: false });

  function onJoin(play: (stream: ScriptedStream) => void): void {
    server.onJoin = play;
  }

  it('asks to join with the wishes of its caller, at its first Lamport time [S5] [S8]', async () => {
    const records: [string, unknown][] = [];
    const note = (event: string, fields?: unknown) => void records.push([event, fields]);
    const journal = { debug: note, info: note, warn: note, error: note };
    onJoin((stream) => stream.welcome({ room: 'attic', textLengthMax: 99, participants: ['Bob', 'Cyd'] }));
    const client = await connect({
      server: server.address,
      room: 'attic',
      name: 'Ada',
      history: 7,
      journal,
      offlineMsMax: 0,
    });
    expect(await server.streams[0]?.request(1)).to.deep.equal({
      lamport: 1,
      action: { kind: 'join', room: 'attic', name: 'Ada', history: 7, resumable: true, resume: undefined },
    });
    expect(client.room).to.equal('attic');
    expect(client.name).to.equal('Ada');
    expect(client.time, 'a welcome is no event').to.equal(1);
    expect(client.textCodePointsMax).to.equal(99);
    expect(client.participants).to.deep.equal(['Bob', 'Cyd']);
    expect(records.map(([event]) => event)).to.deep.equal(['begin', 'connect', 'welcome']);
    expect(records[0]?.[1]).to.include({ participant: 'Ada', room: 'attic', clock: 0, format: 2 });
    expect(records[1]?.[1]).to.include({ participant: 'Ada', room: 'attic', lamport: 1 });
    await withLimits({ leaveMsMax: 1 }, () => client.leave());
  });

  it('joins under the name as people mean it: in NFC', async () => {
    onJoin((stream) => stream.welcome());
    const client = await joining('Zoe\u0308');
    const { action } = (await server.streams[0]?.request(1)) ?? {};
    expect(action?.kind === 'join' && action.name).to.equal('Zo\u00eb');
    expect(client.name).to.equal('Zo\u00eb');
  });

  it('counts one time in all rooms that share a clock [S8]', async () => {
    const rooms: Record<string, ScriptedRoom> = { attic: new ScriptedRoom(), cellar: new ScriptedRoom() };
    const streams: Record<string, ScriptedStream> = {};
    const lamports: number[] = [];
    onJoin((stream) => {
      const [{ action, lamport } = {}] = stream.requests;
      const room = action?.kind === 'join' ? action.room : '';
      streams[room] = stream;
      lamports.push(lamport ?? Number.NaN);
      stream.welcome({ room });
      stream.events(rooms[room]?.join('Ada', lamport) as RoomEvent);
    });
    const clock = new LamportClock();
    const client = async (room: string) => {
      const joined = await connect({ server: server.address, room, name: 'Ada', clock, reconnect: false });
      await firstValueFrom(joined.events$);
      return joined;
    };
    const attic = await client('attic');
    expect(clock.time, 'max(1, 2) + 1').to.equal(3);
    const cellar = await client('cellar');
    expect(lamports, 'the second join comes after what was heard in the first room').to.deep.equal([1, 4]);
    expect([clock.time, attic.time, cellar.time], 'max(4, 5) + 1').to.deep.equal([6, 6, 6]);
    const heard = firstValueFrom(attic.events$);
    streams.attic?.events(rooms.attic?.join('Bob', 100) as RoomEvent);
    await heard;
    expect(cellar.time, 'max(6, 101) + 1').to.equal(102);
    void cellar.publish('what I heard upstairs').catch(() => {});
    expect((await streams.cellar?.request(2))?.lamport).to.equal(103);
  });

  for (const [what, asked, reason] of [
    ['name', { name: 'x'.repeat(20_000) }, 'NAME_INVALID'],
    ['name by one code point', { name: '🎉'.repeat(33) }, 'NAME_INVALID'],
    ['room', { name: 'Ada', room: 'x'.repeat(20_000) }, 'ROOM_INVALID'],
    ['room by one character', { name: 'Ada', room: 'x'.repeat(65) }, 'ROOM_INVALID'],
  ] as const) {
    it(`refuses by itself too long a ${what}, which could be too large to be refused for that [P9]`, async () => {
      const fault = await faultOf(connect({ server: server.address, ...asked }));
      expect(fault).to.be.instanceOf(Refused);
      expect((fault as Refused).rejection).to.deep.equal(rejection(reason));
      expect(server.streams).to.deep.equal([]);
    });
  }

  it('leaves it to the server whether a name and a room that are as long as they may be will do', async () => {
    onJoin((stream) => stream.welcome());
    await connect({ server: server.address, name: '𝒳'.repeat(32), room: 'x'.repeat(64), reconnect: false });
  });

  it('rejects with what the server refused, told in the stream [P9]', async () => {
    const refusal = rejection('NAME_TAKEN');
    onJoin((stream) => {
      stream.reject(refusal);
      stream.fail(status.ALREADY_EXISTS);
    });
    const fault = await faultOf(joining());
    expect(fault).to.be.instanceOf(Refused);
    expect((fault as Refused).rejection).to.deep.equal(refusal);
    expect(fault.message).to.equal(refusal.detail);
  });

  it('rejects with the refusal also where the stream then ends well', async () => {
    onJoin((stream) => {
      stream.reject(rejection('ROOM_FULL'));
      stream.end();
    });
    expect(await faultOf(joining())).to.be.instanceOf(Refused);
  });

  it('sees the end of a session that ends with its welcome', async () => {
    onJoin((stream) => {
      stream.welcome();
      stream.farewell({ reason: 'SERVER_STOPPING', resume: false });
      stream.fail(status.UNAVAILABLE);
    });
    const client = await joining();
    const seen: Status[] = await lastValueFrom(client.status$.pipe(toArray()));
    expect(seen.at(-1)).to.deep.include({ state: 'ended' });
  });

  it('sees the end of a session that ends right after its welcome', async () => {
    onJoin((stream) => {
      stream.welcome();
      stream.end();
    });
    const client = await joining();
    const seen: Status[] = await lastValueFrom(client.status$.pipe(toArray()));
    expect(seen.at(-1)).to.deep.include({ state: 'ended' });
  });

  describe('rejects with CannotConnect', () => {
    const nothing: Server[] = [];

    afterEach(() => {
      for (const one of nothing.splice(0)) one.close();
    });

    async function at(other: Server): Promise<string> {
      nothing.push(other);
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      return `127.0.0.1:${(other.address() as AddressInfo).port}`;
    }

    async function cannot(address: string): Promise<Error> {
      const fault = await faultOf(connect({ server: address, name: 'Ada' }));
      expect(fault).to.be.instanceOf(CannotConnect);
      expect(fault.message).to.include(address);
      return fault;
    }

    it('where nobody listens', async () => {
      server.stop();
      await cannot(server.address);
    });

    it('where the address is none', async () => {
      await cannot('unheard:of:1:2');
    });

    it('where what listens speaks HTTP/1', async () => {
      await cannot(await at(createHttpServer((_, response) => response.end('hello'))));
    });

    it('where what listens hangs up', async () => {
      await cannot(await at(createTcpServer((socket) => socket.destroy())));
    });

    it('where what listens speaks gRPC and is no chat server', async () => {
      const other = new GrpcServer();
      const port = await new Promise<number>((resolve) =>
        other.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_, bound) => resolve(bound)),
      );
      const fault = await cannot(`127.0.0.1:${port}`);
      expect(fault.message).to.include('something else');
      other.forceShutdown();
    });

    it('where the server ends the stream without a word', async () => {
      onJoin((stream) => stream.end());
      await cannot(server.address);
    });

    it('where the server answers with what is no response', async () => {
      onJoin((stream) => stream.send(Buffer.from([0xff, 0xff, 0xff])));
      await cannot(server.address);
    });

    it('where the server does not answer in time', async () => {
      await withLimits({ joinMsMax: 50 }, async () => {
        const fault = await cannot(server.address);
        expect(fault.message).to.include('not within');
        await server.streams[0]?.ended();
      });
    });

    it('where what listens says nothing at all', async () => {
      await withLimits({ joinMsMax: 50 }, async () => {
        const sockets = new Set<{ destroy(): void }>();
        await cannot(await at(createTcpServer((socket) => sockets.add(socket))));
        for (const socket of sockets) socket.destroy();
      });
    });
  });

  it('rejects with the refusal of a server that then hangs', async () => {
    await withLimits({ joinMsMax: 2_000 }, async () => {
      onJoin((stream) => stream.reject(rejection('NAME_INVALID')));
      expect(await faultOf(joining())).to.be.instanceOf(Refused);
      await server.streams[0]?.ended();
    });
  });
});
