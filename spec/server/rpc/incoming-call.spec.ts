import { Metadata, type ServerInterceptingCallInterface, type ServerInterceptor, status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { defaultLimits } from '../../../lib/core/limits.js';
import { Shares } from '../../../lib/server/access/shares.js';
import { headerBytes } from '../../../lib/server/rpc/grpc-js/bare-stream.js';
import { intercepted } from '../../../lib/server/rpc/incoming-call.js';
import { eventually } from '../../system/eventually.js';
import { RecordingJournal } from './recording-journal.js';

/** What grpc-js tells a call's listeners, and the handler behind them. */
type Told = Parameters<ServerInterceptingCallInterface['start']>[0];

const peer = '192.0.2.1:1000';
const [chat, read] = ['Chat', 'ListRooms'].map((name) => `/chit.v1.ChatService/${name}`) as [string, string];

describe('a call on its way to its handler', () => {
  const limits = {
    ...{ ...defaultLimits, readsPerSecondMax: 20, readBurstMax: 1, connectionsPerRate: 1 },
    ...{ refusalsPerSecondMax: 1, refusalBurstMax: 3 },
  };
  let shares: Shares;
  let journal: RecordingJournal;
  let statuses: (status | null | undefined)[];
  let lost: boolean;

  beforeEach(() => {
    shares = new Shares(limits);
    shares.admit(peer, Date.now());
    journal = new RecordingJournal();
    statuses = [];
    lost = false;
  });

  /** Begins a call: what its connection tells it, and what of that comes to its handler. */
  function begun(path: string): { connection: Told; handled: string[]; call: ServerInterceptingCallInterface } {
    const handled: string[] = [];
    let connection: Told | undefined;
    const call: Partial<ServerInterceptingCallInterface> = {
      start: (told) => {
        connection = told;
      },
      sendStatus: ({ code }) => statuses.push(code),
      sendMessage: () => {},
      startRead: () => {
        if (lost) process.nextTick(() => connection?.onCancel());
      },
      getPeer: () => peer,
    };
    const isStream = path === chat;
    const method = { path, requestStream: isStream, responseStream: isStream } as Parameters<ServerInterceptor>[0];
    const intercept = intercepted({
      ...{ limits, journal, shares, closed: () => false, nextCall: () => 7, waitedMs: () => 0 },
      sockets: { cut: () => {}, taken: () => 0 },
    });
    intercept(method, call as ServerInterceptingCallInterface).start({
      onReceiveMetadata: (metadata) => handled.push(`metadata ${metadata.get('way')}`),
      onReceiveMessage: (message) => handled.push(`message ${message}`),
      onReceiveHalfClose: () => handled.push('half-close'),
      onCancel: () => handled.push('cancel'),
    });
    return { connection: connection as Told, handled, call: call as ServerInterceptingCallInterface };
  }

  const metadata = (): Metadata => {
    const headers = new Metadata();
    headers.add('way', 'in');
    return headers;
  };

  it('hands all on in order, and ends with its record [T3]', async () => {
    for (const path of [chat, read]) {
      const { connection, handled } = begun(path);
      connection.onReceiveMetadata(metadata());
      connection.onReceiveMessage('hello');
      connection.onReceiveHalfClose();
      await eventually('the half-close', () => handled.includes('half-close'));
      connection.onCancel();
      expect(handled).to.deep.equal(['metadata in', 'message hello', 'half-close', 'cancel']);
      connection.onReceiveMessage('late');
      expect(handled).to.have.length(4);
    }
    const records = journal.named('call').map(({ call, method, peer: from, code }) => [call, method, from, code]);
    expect(records).to.deep.equal([chat, read].map((path) => [7, path.slice(1), peer, 'CANCELLED']));
    expect(journal.named('call-started').map(({ method }) => method)).to.deep.equal([chat.slice(1)]);
    expect(statuses).to.deep.equal([]);
  });

  it('has the status in its record that was sent first, which is the one its client gets [T3]', () => {
    const { connection, call } = begun(read);
    for (const code of [status.RESOURCE_EXHAUSTED, status.UNIMPLEMENTED]) call.sendStatus({ code, details: '' });
    connection.onCancel();
    expect(journal.named('call').map(({ code }) => code)).to.deep.equal(['RESOURCE_EXHAUSTED']);
  });

  it('is not half-closed where its stream is lost', async () => {
    lost = true;
    const { connection, handled } = begun(chat);
    connection.onReceiveMetadata(metadata());
    connection.onReceiveHalfClose();
    await eventually('the end', () => handled.includes('cancel'));
    await new Promise((resolve) => process.nextTick(resolve));
    expect(handled).to.deep.equal(['metadata in', 'cancel']);
  });

  it('tells its handler nothing before its turn [P12]', async () => {
    const first = begun(read);
    first.connection.onReceiveMetadata(metadata());
    expect(first.handled).to.deep.equal(['metadata in']);
    const { connection, handled } = begun(read);
    connection.onReceiveMetadata(metadata());
    expect(handled).to.deep.equal([]);
    await eventually('its turn', () => handled.length > 0);
    connection.onReceiveMessage('hello');
    connection.onReceiveHalfClose();
    expect(handled).to.deep.equal(['metadata in', 'message hello', 'half-close']);
    for (const one of [first.connection, connection]) one.onCancel();
  });

  it('does not begin where it was given up while it waited for its turn', async () => {
    const calls = [begun(read), begun(read), begun(read)];
    for (const { connection } of calls) connection.onReceiveMetadata(metadata());
    const [first, given, last] = calls;
    given?.connection.onCancel();
    await eventually('the turn of the one behind it', () => last?.handled.length === 1);
    expect(given?.handled).to.deep.equal(['cancel']);
    for (const one of [first, last]) one?.connection.onCancel();
  });

  it('is refused for headers that are too large together, and its refusal counts for its address [P12]', () => {
    const { connection, handled } = begun(read);
    const headers = new Metadata();
    headers.add('large', 'x'.repeat(limits.metadataBytesMax));
    connection.onReceiveMetadata(headers);
    connection.onCancel();
    expect(statuses).to.deep.equal([status.RESOURCE_EXHAUSTED]);
    expect(handled).to.deep.equal(['cancel']);
    expect(journal.named('call').map(({ code }) => code)).to.deep.equal(['RESOURCE_EXHAUSTED']);
    for (let count = 1; count < limits.refusalBurstMax; count += 1) {
      const again = begun(read).connection;
      again.onReceiveMetadata(headers);
      again.onCancel();
    }
    const origin = shares.origin(peer, Date.now());
    expect(origin.restMs(Date.now())).to.be.greaterThan(0);
  });
});

describe('the size of headers', () => {
  it('counts names, values and 32 bytes for each, as HTTP/2 does [P12]', () => {
    const metadata = new Metadata();
    expect(headerBytes(metadata.toHttp2Headers())).to.equal(0);
    metadata.add('name', 'value');
    expect(headerBytes(metadata.toHttp2Headers())).to.equal(4 + 5 + 32);
    metadata.add('name', 'v');
    expect(headerBytes(metadata.toHttp2Headers())).to.equal(2 * (4 + 32) + 5 + 1);
  });

  it('counts binary values as they were sent, in base64', () => {
    const metadata = new Metadata();
    metadata.add('name-bin', Buffer.alloc(300));
    expect(headerBytes(metadata.toHttp2Headers())).to.equal(8 + 400 + 32);
  });
});
