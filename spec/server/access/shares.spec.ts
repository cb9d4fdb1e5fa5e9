import { expect } from 'chai';
import { defaultLimits, type Limits } from '../../../lib/core/limits.js';
import type { Connection } from '../../../lib/server/access/connections.js';
import { Shares } from '../../../lib/server/access/shares.js';

describe('the shares of addresses', () => {
  const under = (limits: Partial<Limits>) => new Shares({ ...defaultLimits, ...limits });

  /** A connection that was admitted. */
  function admitted(shares: Shares, peer: string, nowMs = 0): Connection {
    const admittance = shares.admit(peer, nowMs);
    if (admittance.kind !== 'admitted') throw new Error(`${peer} was refused for ${admittance.limit}`);
    return admittance.connection;
  }

  describe('of connections', () => {
    it('leave others a tenth, and a share to each address [P12]', () => {
      const shares = under({ connectionsMax: 20, connectionsPerAddressMax: 30 });
      for (let port = 1; port <= 18; port += 1) admitted(shares, `192.0.2.1:${port}`);
      expect(shares.admit('192.0.2.1:19', 0)).to.deep.equal({ kind: 'refused', limit: 'reservedPercent' });
      admitted(shares, '192.0.2.2:1');
      const few = under({ connectionsMax: 20, connectionsPerAddressMax: 2 });
      const first = admitted(few, '[2001:db8::1]:1'.replace(/[[\]]/g, ''));
      admitted(few, '2001:db8::2:1');
      expect(few.admit('2001:db8::3:1', 0)).to.deep.equal({ kind: 'refused', limit: 'connectionsPerAddressMax' });
      few.close(first, 0);
      few.close(first, 0);
      admitted(few, '2001:db8::3:1');
      expect(few.admit('2001:db8::4:1', 0)).to.include({ kind: 'refused' });
    });

    it('are taken from the one that was idle for longest where there are no more, at the address that has too many [P12]', () => {
      const shares = under({ connectionsMax: 3, connectionsPerAddressMax: 2, idleConnectionMsMin: 100 });
      const other = admitted(shares, '192.0.2.2:1', 0);
      const used = admitted(shares, '192.0.2.1:1', 1);
      const origin = shares.origin(used.peer, 2);
      origin.use();
      const idle = admitted(shares, '192.0.2.1:2', 50);
      expect(shares.admit('192.0.2.1:3', 149), 'none was idle for long').to.deep.include({ kind: 'refused' });
      const next = shares.admit('192.0.2.1:3', 150);
      expect(next).to.include({ kind: 'admitted', instead: idle });
      // In all together it is whoever has been idle for longest.
      expect(shares.admit('192.0.2.3:1', 160)).to.include({ kind: 'admitted', instead: other });
      origin.release(161);
      expect(shares.admit('192.0.2.1:4', 255)).to.include({
        instead: next.kind === 'admitted' ? next.connection : undefined,
      });
      expect(shares.admit('192.0.2.1:5', 262)).to.include({ instead: used });
    });

    it('end after a time without use, sooner where they were never used [P12]', () => {
      const shares = under({ unusedConnectionMsMax: 100, idleConnectionMsMax: 1_000 });
      const never = admitted(shares, '192.0.2.1:1', 0);
      const once = admitted(shares, '192.0.2.1:2', 0);
      const origin = shares.origin(once.peer, 10);
      origin.use();
      expect(shares.overdue(99)).to.deep.equal([]);
      expect(shares.overdue(5_000)).to.deep.equal([never]);
      shares.close(never, 5_000);
      origin.release(5_000);
      origin.release(5_500);
      expect(shares.overdue(5_999)).to.deep.equal([]);
      expect(shares.overdue(6_000)).to.deep.equal([once]);
    });
  });

  describe('of new connections', () => {
    const limits = { connectionsPerSecondMax: 10, connectionBurstMax: 3, heldMsMax: 250 };
    const due = (shares: Shares, peer: string, nowMs = 0) => {
      const admittance = shares.admit(peer, nowMs);
      return admittance.kind === 'admitted' ? admittance.dueInMs : admittance.limit;
    };

    it('let those beyond a burst wait for their turn, and refuse those who would wait for too long [P12]', () => {
      const shares = under(limits);
      const all = [1, 2, 3, 4, 5, 6, 7].map((port) => due(shares, `192.0.2.1:${port}`));
      expect(all).to.deep.equal([0, 0, 0, 100, 200, 'connectionsPerSecondMax', 'connectionsPerSecondMax']);
      expect(due(shares, '192.0.2.2:1'), 'another address').to.equal(0);
      expect(due(shares, '192.0.2.1:8', 300), 'what was refused took no turn').to.equal(0);
      expect(due(shares, '192.0.2.1:9', 300)).to.equal(100);
    });

    it('are remembered of an address that has none any more [P12]', () => {
      const shares = under(limits);
      for (const port of [1, 2, 3]) shares.close(admitted(shares, `192.0.2.1:${port}`), 0);
      expect(due(shares, '192.0.2.1:4')).to.equal(100);
    });

    it('let 2,000 that come back at once from one address in, three times, by default', () => {
      const shares = under({});
      for (let again = 0; again < 3; again += 1) {
        const back = Array.from({ length: 2_000 }, (_, port) =>
          admitted(shares, `192.0.2.1:${port + 1}`, again * 5_000),
        );
        for (const connection of back) shares.close(connection, again * 5_000 + 4_000);
        const waiting = Array.from({ length: 10 }, (_, port) =>
          due(shares, `192.0.2.1:${port + 3_000}`, again * 5_000),
        );
        expect(waiting).to.deep.equal(Array(10).fill(0));
      }
    });
  });

  describe('of turns', () => {
    it('let joins and resumes beyond a burst wait for their turn, and refuse those who would wait for too long [P12]', () => {
      const shares = under({ joinsPerSecondMax: 100, joinBurstMax: 50, connectionsPerRate: 10, heldMsMax: 300 });
      admitted(shares, '192.0.2.1:1');
      const turns = Array.from({ length: 10 }, () => shares.origin('192.0.2.1:1', 0).turn('join', 0));
      // A connection has a tenth: 10 a second, 5 at once.
      expect(turns).to.deep.equal([
        ...Array(5).fill({ kind: 'in', dueInMs: 0 }),
        { kind: 'in', dueInMs: 100 },
        { kind: 'in', dueInMs: 200 },
        { kind: 'in', dueInMs: 300 },
        { kind: 'over', retryAfterMs: 400 },
        { kind: 'over', retryAfterMs: 400 },
      ]);
      // Another connection at the address is not kept waiting for that, nor another address.
      admitted(shares, '192.0.2.1:2');
      expect(shares.origin('192.0.2.1:2', 0).turn('join', 0)).to.deep.equal({ kind: 'in', dueInMs: 0 });
      expect(shares.origin('192.0.2.1:1', 0).turn('resume', 0)).to.deep.equal({ kind: 'in', dueInMs: 0 });
    });

    it('are the same after a new connection: the address remembers [P12]', () => {
      const shares = under({ joinsPerSecondMax: 1, joinBurstMax: 3, heldMsMax: 1 });
      let admittedTurns = 0;
      for (let port = 1; port <= 50; port += 1) {
        const connection = admitted(shares, `192.0.2.1:${port}`);
        const origin = shares.origin(connection.peer, 0);
        if (origin.turn('join', 0).kind === 'in') admittedTurns += 1;
        origin.release(0);
        shares.close(connection, 0);
      }
      expect(admittedTurns).to.equal(3);
    });

    it('let those rest who are refused too much, and nobody else [P12]', () => {
      const shares = under({ refusalsPerSecondMax: 10, refusalBurstMax: 20, connectionsPerRate: 2 });
      for (const port of [1, 2, 3, 4]) admitted(shares, `192.0.2.1:${port}`);
      const [rude, wrong, neighbour] = [1, 2, 3].map((port) => shares.origin(`192.0.2.1:${port}`, 0));
      for (let count = 1; count <= 9; count += 1) rude?.refused(0);
      expect(rude?.restMs(0)).to.equal(0);
      rude?.refused(0);
      expect(rude?.restMs(0)).to.equal(200);
      expect(rude?.restMs(200)).to.equal(0);
      for (let count = 0; count < 1_000; count += 1) for (const one of [rude, wrong]) one?.refused(300);
      expect(rude?.restMs(300)).to.be.within(1, defaultLimits.heldMsMax + 1_000);
      expect(neighbour?.restMs(300)).to.equal(0);
    });
  });

  describe('of publishing', () => {
    const limits = { publishesPerSecondMax: 10, publishBurstMax: 5 };

    /** How many a new session of a new stream may publish at once. */
    function publishable(shares: Shares, peer: string, nowMs = 0): number {
      const origin = shares.origin(peer, nowMs);
      const allowance = origin.allowance(nowMs);
      let count = 0;
      while (count < 1_000 && allowance.take(nowMs) === 0) count += 1;
      origin.release(nowMs);
      return count;
    }

    it('gain nothing by joining anew, on the same connection or another [P12]', () => {
      const shares = under(limits);
      const connection = admitted(shares, '192.0.2.1:1');
      expect(publishable(shares, connection.peer)).to.equal(5);
      for (let again = 0; again < 20; again += 1) expect(publishable(shares, connection.peer)).to.equal(0);
      shares.close(connection, 0);
      for (let port = 2; port < 20; port += 1) {
        const next = admitted(shares, `192.0.2.1:${port}`);
        expect(publishable(shares, next.peer)).to.equal(0);
        shares.close(next, 0);
      }
      admitted(shares, '192.0.2.1:99');
      expect(publishable(shares, '192.0.2.1:99', 200), 'what the rate has earned since').to.equal(2);
      expect(publishable(shares, '192.0.2.1:99', 10_000), 'all is there again').to.equal(5);
      expect(publishable(shares, '192.0.2.2:1')).to.equal(5);
    });

    it('give each session of a connection its own, and all together only so much [P12]', () => {
      const shares = under({ ...limits, publishAllowancesPerConnection: 2, publishAllowancesPerAddress: 3 });
      const at = (peer: string) => {
        admitted(shares, peer);
        return Array.from({ length: 4 }, () => shares.origin(peer, 0).allowance(0)).map((allowance) => {
          let count = 0;
          while (allowance.take(0) === 0) count += 1;
          return count;
        });
      };
      expect(at('192.0.2.1:1')).to.deep.equal([5, 5, 0, 0]);
      expect(at('192.0.2.1:2')).to.deep.equal([5, 0, 0, 0]);
      expect(at('192.0.2.2:1')).to.deep.equal([5, 5, 0, 0]);
    });

    it('go on with a session that is resumed', () => {
      const shares = under(limits);
      const before = shares.origin('192.0.2.1:1', 0);
      const allowance = before.allowance(0);
      for (let count = 0; count < 3; count += 1) expect(allowance.take(0)).to.equal(0);
      before.release(0);
      const resumed = shares.origin('192.0.2.1:2', 0).allowance(0, allowance);
      expect([resumed.take(0), resumed.take(0)]).to.deep.equal([0, 0]);
      expect(resumed.take(0)).to.equal(100);
    });

    it('have no bound where there is no rate', () => {
      expect(publishable(under({ publishesPerSecondMax: 0 }), '192.0.2.1:1')).to.equal(1_000);
    });
  });

  it('of thousands of addresses are forgotten when nothing is left to remember, and at the latest when there are too many [P12]', () => {
    const shares = under({ addressesRememberedMax: 10, joinsPerSecondMax: 1 });
    for (let host = 0; host < 5_000; host += 1) {
      const origin = shares.origin(`10.0.${host >> 8}.${host & 255}:1`, 0);
      if (host % 2 === 0) origin.turn('join', 0);
      origin.release(0);
    }
    expect(shares.addressesKnown).to.equal(10);
  });
});
