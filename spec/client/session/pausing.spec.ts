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
    session.step({ kind: 'failed', connection, failure, now: session.now });
    expect(session.state.phase).to.equal('reading');
    return session;
  }

  const page = (session: ASession) => {
    const { connection } = session.state;
    const head = { logId: 'log', newest: 3, events: 2 };
    return session.step({ kind: 'page-read', connection, page: head, now: session.now });
  };

  it('takes a page at once while it has not paused, and when it goes on', () => {
    expect(kinds(page(reading()))).to.deep.equal(['deliverPage']);
    const session = reading();
    session.step({ kind: 'pause', reason: 'paused' });
    session.step({ kind: 'pause', reason: 'paused' });
    expect(page(session)).to.deep.equal([]);
    expect(kinds(session.step({ kind: 'resume', reason: 'paused', now: session.now }))).to.deep.equal(['deliverPage']);
    expect(session.step({ kind: 'resume', reason: 'paused', now: session.now })).to.deep.equal([]);
  });

  it('goes on where no reason is left to pause, or at once where it is left', () => {
    const session = reading();
    session.step({ kind: 'pause', reason: 'paused' });
    session.step({ kind: 'pause', reason: 'unread' });
    page(session);
    expect(session.step({ kind: 'resume', reason: 'paused', now: session.now })).to.deep.equal([]);
    expect(kinds(session.step({ kind: 'resume', reason: 'unread', now: session.now }))).to.deep.equal(['deliverPage']);
    const left = reading();
    left.step({ kind: 'pause', reason: 'paused' });
    left.step({ kind: 'pause', reason: 'unread' });
    page(left);
    expect(kinds(left.step({ kind: 'leave', now: left.now }))).to.include('deliverPage');
  });

  it('takes no page that comes when it has paused again', () => {
    const session = reading();
    session.step({ kind: 'pause', reason: 'paused' });
    session.step({ kind: 'resume', reason: 'paused', now: session.now });
    session.step({ kind: 'pause', reason: 'paused' });
    expect(page(session)).to.deep.equal([]);
  });

  it('stops its stream, and lets a new one begin as it is', () => {
    const room = new ScriptedRoom();
    const session = new ASession().serve();
    expect(session.step({ kind: 'pause', reason: 'paused' })).to.deep.equal([{ kind: 'flow', paused: true }]);
    session.lose();
    session.retry();
    session.welcome({ resumed: true });
    expect(session.effects.findLast(({ kind }) => kind === 'listen')).to.deep.equal({ kind: 'listen', paused: true });
    session.step({ kind: 'received', connection: session.state.connection, event: room.join('Ada') });
    expect(session.step({ kind: 'resume', reason: 'paused', now: session.now })).to.deep.equal([
      { kind: 'flow', paused: false },
    ]);
  });

  it('leaves a stream that is over to the next one where no reader has come yet', () => {
    const room = new ScriptedRoom();
    const session = new ASession().serve();
    const { connection } = session.state;
    session.step({ kind: 'received', connection, event: room.join('Ada') });
    session.step({ kind: 'pause', reason: 'unread' });
    session.step({ kind: 'stream-ended', connection });
    expect(session.step({ kind: 'received', connection, event: room.join('Bob') })).to.deep.equal([]);
    expect(session.state.sequence).to.equal(1);
    expect(session.state.fault).to.equal(undefined);
  });
});
