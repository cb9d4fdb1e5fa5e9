import { Metadata, status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { CannotConnect, Refused } from '../../lib/client/errors.js';
import { encodeEvent } from '../../lib/codec/event-codec.js';
import { decodeReadHistoryRequest } from '../../lib/codec/requests.js';
import { encodeHistoryPage, encodeRoomsPage } from '../../lib/codec/responses.js';
import { encodeStatusDetails, statusDetailsKey } from '../../lib/codec/status-details.js';
import { rejection } from '../../lib/core/rejection.js';
import { faultOf } from './promised.js';
import { type ScriptedSession, scriptedSessions } from './scripted-session.js';

describe('ChatClient asks its server', () => {
  const joined = scriptedSessions();

  it('which rooms there are', async () => {
    const { client, server } = await joined();
    const rooms = [{ name: 'lobby', participants: 1, sequence: 2, lamport: 3 }];
    server.unary.ListRooms = () => encodeRoomsPage({ rooms, more: false });
    expect(await client.rooms()).to.deep.equal(rooms);
  });

  /** Pages of at most three events. */
  function paged({ server, room }: Pick<ScriptedSession, 'server' | 'room'>): void {
    server.unary.ReadHistory = (bytes) => {
      const { after, limit } = decodeReadHistoryRequest(bytes);
      const events = room.events.slice(after, after + Math.min(limit, 3));
      return encodeHistoryPage(Buffer.concat(events.map(encodeEvent)), 'log', room.events.length);
    };
  }

  it('for the past before its session, page by page, the clock as it was [S8]', async () => {
    const { client, room, server } = await joined((before) => {
      before.join('Bob');
      for (let ordinal = 1; ordinal <= 9; ordinal += 1) before.say('Bob', `${ordinal}`, ordinal);
    });
    paged({ server, room });
    const { time } = client;
    expect(await client.history(8)).to.deep.equal(room.events.slice(2, 10));
    expect(await client.history(100)).to.deep.equal(room.events.slice(0, 10));
    expect(await client.history(2, 5)).to.deep.equal(room.events.slice(2, 4));
    expect(await client.history(0)).to.deep.equal([]);
    expect(await client.history(5, 1)).to.deep.equal([]);
    expect(client.time).to.equal(time);
  });

  it('and is refused with the reason in the status’s details [P9] [P11]', async () => {
    const { client, server } = await joined((before) => before.join('Bob'));
    const refusal = rejection('HISTORY_LOST');
    server.unary.ReadHistory = () => {
      const metadata = new Metadata();
      metadata.set(statusDetailsKey, encodeStatusDetails(status.FAILED_PRECONDITION, refusal));
      return { code: status.FAILED_PRECONDITION, details: refusal.detail, metadata };
    };
    const fault = await faultOf(client.history(5));
    expect(fault).to.be.instanceOf(Refused);
    expect((fault as Refused).rejection).to.deep.equal(refusal);
  });

  it('and says that there was no answer where there was none', async () => {
    const { client, server, stream, end } = await joined();
    expect(await faultOf(client.rooms())).to.be.instanceOf(CannotConnect);
    server.unary.ListRooms = () => Buffer.from([0xff, 0xff, 0xff]);
    expect(await faultOf(client.rooms())).to.be.instanceOf(Error);
    stream.end();
    await end();
    expect(await faultOf(client.rooms())).to.be.instanceOf(Error);
  });
});
