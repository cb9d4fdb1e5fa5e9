import { expect } from 'chai';
import { clientLimits } from '../../../lib/client/limits.js';
import { backOffMs } from '../../../lib/client/session/outage.js';
import { rejection } from '../../../lib/core/rejection.js';
import { plainWelcome } from '../scripted-server.js';
import { ASession, kinds } from './a-session.js';

const limits = { backOffMsMin: 100, backOffMsMax: 1_000 };

describe('backOffMs', () => {
  const pauses = (random: number, count: number) =>
    Array.from({ length: count }, (_, tries) => backOffMs(tries, random, limits));

  it('doubles its ceiling from try to try, up to the limit', () => {
    expect(pauses(0.9999, 6)).to.deep.equal([99, 199, 399, 799, 999, 999]);
  });

  it('spreads pauses over all from nothing to the ceiling', () => {
    expect(pauses(0, 3)).to.deep.equal([0, 0, 0]);
    expect(pauses(0.5, 3)).to.deep.equal([50, 100, 200]);
  });

  it('does not overflow, however often it was tried', () => {
    expect(pauses(0.5, 5_000).at(-1)).to.equal(500);
  });
});

describe('A session that loses connection after connection', () => {
  /** The pause before its next try after its connection has lasted for so long. */
  function pauseAfter(session: ASession, lastedMs: number): number | undefined {
    session.now = { ...session.now, ms: session.now.ms + lastedMs };
    const wait = session.lose().find((effect) => effect.kind === 'wait' && effect.timer === 'retry');
    session.retry().welcome({ resumed: true });
    expect(session.state.phase).to.equal('serving');
    return wait?.kind === 'wait' ? wait.ms : undefined;
  }

  it('waits longer each time, and after a connection that settled begins with the shortest pause again', () => {
    const { settledMs } = clientLimits;
    const session = new ASession().serve();
    const lasted = [0, 0, settledMs - 1, settledMs, settledMs - 1, settledMs + 1];
    expect(lasted.map((ms) => pauseAfter(session, ms))).to.deep.equal([125, 250, 500, 125, 250, 125]);
  });
});

describe('A session that is not to connect again', () => {
  it('ends where what an earlier program had missed cannot be read', () => {
    const { logId, chain } = plainWelcome;
    const place = { logId, chain, sequence: 0, session: 'earlier', ordinal: 0, lamport: 0 };
    const session = new ASession(
      { reconnect: false },
      { ...place, server: '127.0.0.1:4000', room: 'lobby', name: 'Ada' },
    );
    const { now } = session;
    session.step({ kind: 'begin', now });
    session.step({ kind: 'opened', connection: 1, now });
    const unknown = { kind: 'refused', rejection: rejection('SESSION_UNKNOWN') } as const;
    session.step({ kind: 'failed', connection: 1, failure: unknown, now });
    session.welcome({ sequence: 6, newest: 6 });
    expect(session.state.phase).to.equal('reading');
    const overloaded = { kind: 'refused', rejection: rejection('OVERLOADED', 0, 5) } as const;
    const effects = session.step({ kind: 'page-failed', connection: 1, failure: overloaded, now });
    expect(kinds(effects)).not.to.include('wait');
    const reason = 'The server cannot do more at the moment. Try again later. Join anew.';
    expect(effects.at(-1)).to.deep.equal({ kind: 'end', status: { state: 'ended', reason } });
  });
});
