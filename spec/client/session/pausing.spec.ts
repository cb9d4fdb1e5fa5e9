import { expect } from 'chai';
import { rejection } from '../../../lib/core/rejection.js';
import { ScriptedRoom } from '../scripted-room.js';
import { ASession, kinds } from './a-session.js';

describe('A session whose reader pauses', () => {
  /** It has lost its connection and its session, and reads what it missed. */
  function reading(): ASession {
    const session = new ASession().serve();
    session.lose();
    session.retry();
    const { connection } = session.state;
    const failure = { kind: 'refused', rejection: rejection('SESSION_UNKNOWN') } as const;
    session.take({ kind: 'failed', connection, failure, now: session.now });
    expect(session.state.phase).to.equal('reading');
    return session;
  }

  const page = (session: ASession) => {
    const { connection } = session.state;
    const head = { logId: 'log', newest: 3, events: 2 };
    return session.take({ kind: 'page-read', connection, page: head, now: session.now });
  };

  it('takes a page at once while it has not paused, and when it goes on', () => {
    expect(kinds(page(reading()))).to.deep.equal(['takePage']);
    const session = reading();
    session.take({ kind: 'pause', reason: 'paused' });
    session.take({ kind: 'pause', reason: 'paused' });
    expect(page(session)).to.deep.equal([]);
    expect(kinds(session.take({ kind: 'resume', reason: 'paused', now: session.now }))).to.deep.equal(['takePage']);
    expect(session.take({ kind: 'resume', reason: 'paused', now: session.now })).to.deep.equal([]);
  });

  it('goes on where no reason is left to pause, or at once where it is left', () => {
    const session = reading();
    session.take({ kind: 'pause', reason: 'paused' });
    session.take({ kind: 'pause', reason: 'unread' });
    page(session);
    expect(session.take({ kind: 'resume', reason: 'paused', now: session.now })).to.deep.equal([]);
    expect(kinds(session.take({ kind: 'resume', reason: 'unread', now: session.now }))).to.deep.equal(['takePage']);
    const left = reading();
    left.take({ kind: 'pause', reason: 'paused' });
    left.take({ kind: 'pause', reason: 'unread' });
    page(left);
    expect(kinds(left.take({ kind: 'leave', now: left.now }))).to.include('takePage');
  });

  it('takes no page that comes when it has paused again', () => {
    const session = reading();
    session.take({ kind: 'pause', reason: 'paused' });
    session.take({ kind: 'resume', reason: 'paused', now: session.now });
    session.take({ kind: 'pause', reason: 'paused' });
    expect(page(session)).to.deep.equal([]);
  });

  it('stops its stream, and lets a new one begin as it is', () => {
    const room = new ScriptedRoom();
    const session = new ASession().serve();
    expect(session.take({ kind: 'pause', reason: 'paused' })).to.deep.equal([{ kind: 'flow', paused: true }]);
    session.lose();
    session.retry();
    session.welcome({ resumed: true });
    expect(session.effects.findLast(({ kind }) => kind === 'listen')).to.deep.equal({ kind: 'listen', paused: true });
    session.take({ kind: 'received', connection: session.state.connection, event: room.join('Ada') });
    expect(session.take({ kind: 'resume', reason: 'paused', now: session.now })).to.deep.equal([
      { kind: 'flow', paused: false },
    ]);
  });

  it('leaves a stream that is over to the next one where no reader has come yet', () => {
    const room = new ScriptedRoom();
    const session = new ASession().serve();
    const { connection } = session.state;
    session.take({ kind: 'received', connection, event: room.join('Ada') });
    session.take({ kind: 'pause', reason: 'unread' });
    session.take({ kind: 'stream-ended', connection });
    expect(session.take({ kind: 'received', connection, event: room.join('Bob') })).to.deep.equal([]);
    expect(session.state.sequence).to.equal(1);
    expect(session.state.fault).to.equal(undefined);
  });
});
