import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { encodeListRoomsRequest } from '../../../lib/codec/requests.js';
import { eventually } from '../../system/eventually.js';
import { refusal } from '../../system/refusal.js';
import { StubbedServer } from './stubbed-server.js';

describe('the gRPC server with too much', () => {
  const server = new StubbedServer();

  it('refuses a message over its limit with RESOURCE_EXHAUSTED; other calls of the connection go on [P12]', async () => {
    const calls = server.caller();
    const neighbour = calls.chat();
    const stub = await server.connection();
    const call = calls.call('ListRooms', Buffer.alloc(20_000));
    expect(status[(await refusal(call)).code]).to.equal('RESOURCE_EXHAUSTED');
    neighbour.askToJoin({ name: 'Ada' });
    await server.told(stub, 'join');
  });

  it('refuses headers over their limit with RESOURCE_EXHAUSTED; other calls of the connection go on [P12]', async () => {
    server.answersRooms();
    const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
    server.endings.add(() => client.close());
    const rooms = (metadata: Metadata) =>
      new Promise<ServiceError | null>((resolve) => {
        const asIs = (bytes: Buffer) => bytes;
        const path = '/chit.v1.ChatService/ListRooms';
        client.makeUnaryRequest(path, asIs, asIs, encodeListRoomsRequest({ limit: 0, after: '' }), metadata, (error) =>
          resolve(error),
        );
      });
    const large = new Metadata();
    for (let count = 0; count < 9; count += 1) large.set(`header-${count}`, 'x'.repeat(1000));
    expect((await rooms(large))?.code).to.equal(status.RESOURCE_EXHAUSTED);
    expect(await rooms(new Metadata())).to.equal(null);
  });

  it('lets a connection have no more streams than the limit; one more waits for one to end [P12]', async () => {
    await server.start({ streamsPerConnectionMax: 2 });
    server.answersRooms();
    const calls = server.caller();
    calls.chat();
    const second = calls.chat();
    await server.connection(1);
    let answered = false;
    const rooms = calls.rooms().then(() => {
      answered = true;
    });
    await server.expectWell();
    expect(answered).to.equal(false);
    second.cancel();
    await rooms;
  });

  it('refuses connections over the limit of one address, until one closes, and logs a flood of them once [P12]', async () => {
    await server.start({ connectionsPerAddressMax: 2 });
    const kept = server.caller();
    kept.chat();
    await server.connection(0);
    const second = server.caller();
    second.chat();
    await server.connection(1);
    await Promise.all([server.socket().closed, server.socket().closed, server.socket().closed]);
    expect(server.journal.named('connections-refused')).to.have.length(1);
    expect(server.journal.named('connections-refused')[0]).to.include({
      limit: 'connectionsPerAddressMax',
      limitValue: 2,
    });
    second.close();
    server.actors.connections[1]?.peer.destroy();
    await eventually('a place', () => server.journal.named('connection-closed').length === 1);
    await server.expectWell();
  });

  it('refuses connections over the limit of all together [P12]', async () => {
    await server.start({ connectionsMax: 1 });
    server.caller().chat();
    await server.connection(0);
    await server.socket().closed;
    expect(server.journal.named('connections-refused')[0]).to.include({ limit: 'connectionsMax' });
  });
});
