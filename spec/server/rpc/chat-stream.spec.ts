import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { encodeChatRequest } from '../../../lib/codec/requests.js';
import { encodeFarewell, encodeRejectionResponse } from '../../../lib/codec/responses.js';
import { rejection } from '../../../lib/core/rejection.js';
import { eventually } from '../../system/eventually.js';
import { expectStatus } from '../../system/refusal.js';
import { preface, request, settings } from './http2-frames.js';
import { StubbedServer } from './stubbed-server.js';

const chat = '/chit.v1.ChatService/Chat';
const response = encodeFarewell({ reason: 'SERVER_STOPPING', resume: false });

describe('the gRPC server with a Chat stream', () => {
  const server = new StubbedServer();

  it('hands each request to the stream’s own actor in order, then that it is half-closed, then that it is gone [T1]', async () => {
    const visit = server.caller().chat();
    visit.askToJoin({ name: 'Ada' });
    visit.publish('one');
    visit.sendBytes(encodeChatRequest({ lamport: 1, action: { kind: 'unknown' } }));
    visit.leave();
    visit.halfClose();
    const stub = await server.connection();
    await server.told(stub, 'half-closed');
    stub.peer.end({ kind: 'complete' });
    await server.told(stub, 'gone');
    expect(stub.told.map(({ kind }) => kind)).to.deep.equal([
      'join',
      'publish',
      'unknown',
      'leave',
      'half-closed',
      'gone',
    ]);
    expect((await visit.ended()).code).to.equal(status.OK);
  });

  it('says that the stream is gone when its caller cancels, and when its connection is lost [S6]', async () => {
    const cancelled = server.caller().chat();
    const first = await server.connection(0);
    cancelled.cancel();
    await server.told(first, 'gone');
    const lost = server.caller();
    lost.chat();
    const second = await server.connection(1);
    second.peer.destroy();
    await server.told(second, 'gone');
  });

  it('ends with the status that the actor wants, after all that was sent before [P9]', async () => {
    const visit = server.caller().chat();
    const { peer } = await server.connection();
    peer.send(response);
    peer.end({ kind: 'refused', rejection: rejection('NAME_TAKEN') });
    peer.send(response);
    expectStatus(await visit.ended(), status.ALREADY_EXISTS, 'NAME_TAKEN');
    expect(visit.farewell).to.deep.equal({ reason: 'SERVER_STOPPING', resume: false });
  });

  it('brings its responses in the order in which they were sent, the last before its status [P2]', async () => {
    const visit = server.caller().chat();
    const { peer } = await server.connection();
    const refused = (ordinal: number) => encodeRejectionResponse(rejection('TEXT_EMPTY', ordinal));
    for (let ordinal = 1; ordinal <= 500; ordinal += 1) {
      peer.send(refused(ordinal));
      // Now and then some have gone before the next come.
      if (ordinal % 100 === 0) await new Promise(setImmediate);
    }
    peer.send(response);
    peer.end({ kind: 'stopping' });
    expect((await visit.ended()).code).to.equal(status.UNAVAILABLE);
    expect(visit.rejections.map(({ ordinal }) => ordinal)).to.deep.equal(Array.from({ length: 500 }, (_, n) => n + 1));
    expect(visit.farewell?.reason).to.equal('SERVER_STOPPING');
  });

  it('keeps the status by which grpc-js ends a stream, whatever is sent after that [P9]', async () => {
    const visit = server.caller().chat();
    const stub = await server.connection();
    stub.peer.send(response);
    stub.peer.send(response);
    visit.sendBytes(Buffer.alloc(20_000));
    while (!stub.heard('gone')) {
      stub.peer.send(response);
      await new Promise(setImmediate);
    }
    stub.peer.send(response);
    expect((await visit.ended()).code).to.equal(status.RESOURCE_EXHAUSTED);
    expect(stub.peer.writable).to.equal(false);
    await server.expectWell();
  });

  it('takes what is sent after its caller has cancelled, or is gone, for nothing', async () => {
    const visit = server.caller().chat();
    const first = await server.connection(0);
    const raw = server.socket();
    raw.write(Buffer.concat([preface, settings, request(1, chat)]));
    const second = await server.connection(1);
    for (const [stub, leave] of [
      [first, () => visit.cancel()],
      [second, () => raw.cut()],
    ] as const) {
      stub.peer.send(response);
      stub.peer.send(response);
      leave();
      while (!stub.heard('gone')) {
        stub.peer.send(response);
        await new Promise(setImmediate);
      }
      stub.peer.send(response);
      await server.expectWell();
    }
  });

  it('takes no more requests while the actor has it paused [P12]', async () => {
    const visit = server.caller().chat();
    const stub = await server.connection();
    stub.peer.pause();
    for (let count = 0; count < 100; count += 1) visit.publish('x');
    // Another stream of the same caller goes on; when its turn has come, the paused one's would have come too.
    server.answersRooms();
    await server.caller().rooms();
    expect(stub.told.length).to.be.lessThan(2);
    stub.peer.resume();
    await eventually('the rest', () => stub.told.length === 100);
  });

  it('is not writable while its peer does not read, and says when it is again [P10]', async () => {
    const visit = server.caller().chat();
    visit.stopReading();
    const { peer } = await server.connection();
    expect(peer.writable).to.equal(true);
    let sent = 0;
    for (; peer.writable; sent += 1) peer.send(Buffer.concat(Array(1000).fill(response)));
    expect(sent).to.be.lessThan(64);
    const drained = new Promise((resolve) => {
      peer.drained$.subscribe(() => resolve(peer.writable));
    });
    visit.readOn();
    expect(await drained).to.equal(true);
  });

  it('can be cut when its peer never reads, where an end alone does not come to anything [P10]', async () => {
    const raw = server.socket();
    raw.write(Buffer.concat([preface, settings, request(1, chat)]));
    const stub = await server.connection();
    raw.stopReading();
    while (stub.peer.writable) stub.peer.send(Buffer.alloc(64 * 1024));
    stub.peer.end({ kind: 'stopping' });
    await server.expectWell();
    expect(stub.heard('gone')).to.equal(false);
    stub.peer.destroy();
    await server.told(stub, 'gone');
  });

  it('ends with INTERNAL, alone, when its actor throws at its start', async () => {
    const calls = server.caller();
    const well = calls.chat();
    await server.connection(0);
    server.actors.connected = () => {
      throw new Error('a fault');
    };
    expect((await calls.chat().ended()).code).to.equal(status.INTERNAL);
    expect(server.journal.named('call-failed')).to.have.length(1);
    expect(well.end).to.equal(undefined);
  });
});
