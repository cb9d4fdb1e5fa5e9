import { Metadata, type ServerInterceptingCallInterface } from '@grpc/grpc-js';
import { expect } from 'chai';
import {
  type CallListening,
  type CallMethod,
  oneInterceptor,
} from '../../../../lib/server/rpc/grpc-js/one-interceptor.js';

/** What grpc-js tells a call's listeners, and the handler behind them. */
type Told = Parameters<ServerInterceptingCallInterface['start']>[0];

describe('one interceptor', () => {
  const method = { path: '/a/b' } as CallMethod;

  /** Begins a call behind `listenings`: what its connection tells it, and what of that comes to its handler. */
  function begun(...listenings: CallListening[]): { connection: Told; handled: string[] } {
    const handled: string[] = [];
    let connection: Told | undefined;
    const call = { start: (told: Told) => (connection = told) } as unknown as ServerInterceptingCallInterface;
    oneInterceptor(...listenings)(method, call).start({
      onReceiveMetadata: (metadata) => handled.push(`metadata ${metadata.get('way')}`),
      onReceiveMessage: (message) => handled.push(`message ${message}`),
      onReceiveHalfClose: () => handled.push('half-close'),
      onCancel: () => handled.push('cancel'),
    });
    return { connection: connection as Told, handled };
  }

  const noting =
    (name: string, notes: string[] = []): CallListening =>
    () => ({
      onReceiveMetadata: (metadata, pass) => {
        metadata.add('way', name);
        pass(metadata);
      },
      onReceiveHalfClose: (pass) => {
        notes.push(`${name}: half-close`);
        pass();
      },
      onCancel: () => notes.push(`${name}: cancel`),
    });

  it('does what several would, in their order, and hands all on', () => {
    const notes: string[] = [];
    const { connection, handled } = begun(noting('first', notes), () => ({}), noting('second', notes));
    connection.onReceiveMetadata(new Metadata());
    connection.onReceiveMessage('hello');
    connection.onReceiveHalfClose();
    connection.onCancel();
    expect(handled).to.deep.equal(['metadata first,second', 'message hello', 'half-close', 'cancel']);
    expect(notes).to.deep.equal(['first: half-close', 'second: half-close', 'first: cancel', 'second: cancel']);
  });

  it('tells the handler nothing before every listener has let the call begin', () => {
    let admit = () => {};
    const later: CallListening = () => ({
      onReceiveMetadata: (metadata, pass) => {
        admit = () => pass(metadata);
      },
    });
    const { connection, handled } = begun(noting('first'), later, noting('last'));
    connection.onReceiveMetadata(new Metadata());
    connection.onReceiveMessage('hello');
    connection.onReceiveHalfClose();
    expect(handled).to.deep.equal([]);
    admit();
    expect(handled).to.deep.equal(['metadata first,last', 'message hello', 'half-close']);
  });

  it('begins no call that was given up while a listener kept it waiting', () => {
    let admit = () => {};
    const later: CallListening = () => ({
      onReceiveMetadata: (metadata, pass) => {
        admit = () => pass(metadata);
      },
    });
    const { connection, handled } = begun(later);
    connection.onReceiveMetadata(new Metadata());
    connection.onCancel();
    admit();
    expect(handled).to.deep.equal(['cancel']);
  });
});
