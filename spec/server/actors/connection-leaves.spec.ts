import { expect } from 'chai';
import type { FakePeer } from './fake-peer.js';
import { House, told } from './house.js';

describe('A connection leaves exactly one Left behind [P8]', () => {
  let house: House;

  beforeEach(() => {
    house = new House();
  });

  afterEach(() => house.close());

  const ways: Record<string, { reason: 'ASKED' | 'CONNECTION_LOST'; end: (ada: FakePeer) => void }> = {
    'when its client asks': { reason: 'ASKED', end: (ada) => ada.tell({ kind: 'leave', lamport: 0 }) },
    'when its client asks twice': {
      reason: 'ASKED',
      end: (ada) => {
        ada.tell({ kind: 'leave', lamport: 0 });
        ada.tell({ kind: 'leave', lamport: 0 });
      },
    },
    'when its client will send no more': { reason: 'ASKED', end: (ada) => ada.tell({ kind: 'half-closed' }) },
    'when its client asks, will send no more and is gone': {
      reason: 'ASKED',
      end: (ada) => {
        ada.tell({ kind: 'leave', lamport: 0 });
        ada.tell({ kind: 'half-closed' });
        ada.gone();
      },
    },
    'when its client is gone': { reason: 'CONNECTION_LOST', end: (ada) => ada.gone() },
    'when its client is gone twice': {
      reason: 'CONNECTION_LOST',
      end: (ada) => {
        ada.gone();
        ada.gone();
      },
    },
    'when its client sends what is no request': {
      reason: 'CONNECTION_LOST',
      end: (ada) => ada.tell({ kind: 'malformed' }),
    },
    'when a unary Leave ends its session': {
      reason: 'ASKED',
      end: (ada) => {
        void house.leave(ada.welcome.session);
      },
    },
    'when a unary Leave and its client’s end cross': {
      reason: 'ASKED',
      end: (ada) => {
        void house.leave(ada.welcome.session);
        ada.gone();
      },
    },
    'when sending to it fails': {
      reason: 'CONNECTION_LOST',
      end: (ada) => {
        ada.sendFault = new Error('cannot send');
        ada.publish('hi', 1);
      },
    },
  };
  for (const [way, { reason, end }] of Object.entries(ways)) {
    it(way, async () => {
      const bob = await house.visit('Bob');
      const ada = await house.visit('Ada');
      end(ada);
      await house.until('Ada’s stream is over', () => house.logged('disconnect').length === 1);
      await house.until('Bob sees Ada leave', () => told(bob.events).includes('Ada left'));
      await house.settled(bob);
      expect(house.lefts('Ada')).to.have.length(1);
      expect(house.lefts('Ada')[0]).to.include({ reason });
      expect(bob.events, 'Bob sees what the log has').to.deep.equal(house.events());
      expect(ada.endings.length).to.be.at.most(1);
      expect(house.logged('disconnect'), 'it ends once').to.have.length(1);
      const again = await house.visit('Ada');
      expect(again.welcome.participants).to.deep.equal(['Bob']);
    });
  }

  it('when its client is gone before its join is answered', async () => {
    const bob = await house.visit('Bob');
    house.log.hold();
    const ada = house.join('Ada');
    await house.until('the join is in work', () => house.log.appends === 2);
    ada.gone();
    house.log.release();
    await house.until('Bob sees her leave', () => told(bob.events).includes('Ada left'));
    await house.settled(bob);
    expect(house.lefts('Ada')).to.have.length(1);
    expect(ada.sent, 'nothing is sent to who is gone').to.deep.equal([]);
  });

  it('and none when its client is gone before a join that is refused', async () => {
    const bob = await house.visit('Bob');
    house.join('Bob').gone();
    await house.settled(bob);
    expect(told(house.events())).to.deep.equal(['Bob joined', told(house.events()).at(-1)]);
  });

  it('and sends it to the leaver as his last event, with status OK [S6]', async () => {
    const ada = await house.visit('Ada');
    ada.tell({ kind: 'leave', lamport: 41 });
    await house.until('the end', () => ada.endings.length > 0);
    expect(told(ada.events)).to.deep.equal(['Ada joined', 'Ada left']);
    expect(ada.events.at(-1)).to.include({ lamport: 42 });
    expect(ada.endings).to.deep.equal([{ kind: 'complete' }]);
  });

  it('but a Subscribe’s half-close means nothing', async () => {
    const ada = await house.visit('Ada', { bidirectional: false });
    ada.tell({ kind: 'half-closed' });
    const bob = await house.visit('Bob');
    await house.settled(bob);
    expect(house.lefts('Ada')).to.deep.equal([]);
    expect(told(ada.events)).to.include('Bob joined');
  });
});
