import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { refusal } from '../../system/refusal.js';
import { preface, request, reset, settings } from './http2-frames.js';
import { StubbedServer } from './stubbed-server.js';

const chat = '/chit.v1.ChatService/Chat';

describe('the gRPC server with what is no gRPC', () => {
  const server = new StubbedServer();

  it('tells a caller who speaks HTTP/1 what is here, and closes', async () => {
    const raw = server.socket();
    raw.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await raw.closed;
    expect(raw.received.toString()).to.match(/^HTTP\/1\.1 505 .*gRPC/s);
    await server.expectWell();
  });

  it('closes on anything else', async () => {
    const raw = server.socket();
    raw.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]));
    await raw.closed;
    expect(raw.received).to.have.length(0);
    await server.expectWell();
  });

  it('closes on half a preface and then silence, in time; others are served meanwhile [P12]', async () => {
    await server.start({ handshakeMsMax: 100 });
    const [silent, half, slow] = [server.socket(), server.socket(), server.socket()];
    half.write(preface.subarray(0, 12));
    slow.write('GET');
    await server.expectWell();
    await Promise.all([silent.closed, half.closed, slow.closed]);
    expect(server.journal.named('handshake-overdue')).to.have.length(3);
  });

  it('takes a preface that comes byte by byte', async () => {
    const raw = server.socket();
    for (const byte of Buffer.concat([preface, settings, request(1, chat)])) raw.write(Buffer.from([byte]));
    await server.connection();
  });

  it('outlives calls that are reset in the packet they come in, of whatever method and content type', async () => {
    const raw = server.socket();
    raw.write(
      Buffer.concat([
        preface,
        settings,
        ...[request(1, '/no.such/Method'), reset(1)],
        ...[request(3, chat, { contentType: 'text/html' }), reset(3)],
        ...[request(5, chat), reset(5)],
        request(7, chat),
      ]),
    );
    await server.connection(0);
    expect(server.journal.named('call-started')).to.have.length(1);
    expect(server.journal.named('stream-failed')).to.deep.equal([]);
    await server.expectWell();
  });

  it('answers UNIMPLEMENTED to a method that it does not have', async () => {
    expect(status[(await refusal(server.caller().call('Shout', Buffer.alloc(0)))).code]).to.equal('UNIMPLEMENTED');
  });
});
