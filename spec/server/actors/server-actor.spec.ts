import { expect } from 'chai';
import { sessionId } from '../../../lib/core/session-id.js';
import { eventsIn, House, reasonOf, told } from './house.js';

describe('ServerActor', () => {
  let house: House;

  beforeEach(() => {
    house = new House();
  });

  afterEach(() => house.close());

  it('keeps rooms apart [S4]', async () => {
    const ada = await house.visit('Ada', { room: 'one' });
    const other = await house.visit('Ada', { room: 'two' });
    ada.publish('in one', 1);
    other.publish('in two', 1);
    await house.heard(ada, 'in one');
    await house.heard(other, 'in two');
    expect(told(ada.events)).to.deep.equal(['Ada joined', 'Ada: in one']);
    expect(told(other.events)).to.deep.equal(['Ada joined', 'Ada: in two']);
  });

  describe('answers unary calls', () => {
    it('publishes and leaves by session [S3] [S6]', async () => {
      const ada = await house.visit('Ada');
      const bob = await house.visit('Bob');
      const { session } = ada.welcome;
      const published = await house.publish(session, 'hi', 1, 9);
      expect(published).to.include({ kind: 'accepted', sequence: 3 });
      expect(published.kind === 'accepted' && eventsIn(published.event)[0]).to.include({ text: 'hi', lamport: 10 });
      const left = await house.leave(session, 20);
      expect(left.kind === 'accepted' && eventsIn(left.event)).to.deep.equal(house.events().slice(3));
      await house.heard(bob, 'Ada left');
      expect(house.lefts('Ada')[0]).to.include({ reason: 'ASKED', lamport: 21 });
    });

    it('refuses sessions that are none, or of rooms that are none, or over: SESSION_UNKNOWN [P9]', async () => {
      const ada = await house.visit('Ada');
      const { session } = ada.welcome;
      const sessions = [
        '',
        'lobby',
        'lobby:short',
        `${session}x`,
        '\ud800',
        sessionId('lobby', Buffer.alloc(16, 99)),
        sessionId('nowhere', Buffer.alloc(16, 1)),
      ];
      for (const wrong of sessions) {
        expect(reasonOf(await house.publish(wrong, 'hi', 3)), wrong).to.equal('SESSION_UNKNOWN');
        expect(reasonOf(await house.leave(wrong)), wrong).to.equal('SESSION_UNKNOWN');
      }
      await house.leave(session);
      const over = await house.publish(session, 'hi', 3);
      expect(over.kind === 'rejected' && over.rejection).to.include({ reason: 'SESSION_UNKNOWN', ordinal: 3 });
      expect(told(house.events())).to.deep.equal(['Ada joined', 'Ada left']);
    });

    it('refuses an ordinal beyond 2^53 − 1 by its exact number: ORDINAL_INVALID', async () => {
      const ada = await house.visit('Ada');
      const answer = await house.publish(ada.welcome.session, 'hi', 2n ** 63n + 1n);
      expect(answer.kind === 'rejected' && answer.rejection).to.include({
        reason: 'ORDINAL_INVALID',
        ordinal: 2n ** 63n + 1n,
      });
    });

    const badTexts = { TEXT_EMPTY: ' ', TEXT_TOO_LONG: 'x'.repeat(129), TEXT_INVALID: '\u001b[2J' };
    for (const [reason, text] of Object.entries(badTexts)) {
      it(`refuses a text and makes no event of it: ${reason} [P9] [S3]`, async () => {
        const ada = await house.visit('Ada');
        const answer = await house.publish(ada.welcome.session, text, 4);
        expect(answer.kind === 'rejected' && answer.rejection).to.include({ reason, ordinal: 4, retryAfterMs: 0 });
        expect(told(house.events())).to.deep.equal(['Ada joined']);
      });
    }

    it('refuses a time too far ahead, the clock untouched: LAMPORT_TOO_FAR_AHEAD [P7]', async () => {
      const ada = await house.visit('Ada');
      const { session } = ada.welcome;
      expect(reasonOf(await house.publish(session, 'hi', 1, Number.POSITIVE_INFINITY))).to.equal(
        'LAMPORT_TOO_FAR_AHEAD',
      );
      expect(reasonOf(await house.leave(session, 2 ** 53))).to.equal('LAMPORT_TOO_FAR_AHEAD');
      await house.publish(session, 'hi', 1);
      expect(house.events()[1]).to.include({ lamport: 2 });
    });
  });

  it('lists rooms, those of its log too, and who is in one', async () => {
    const ada = await house.visit('Ada', { room: 'one' });
    await house.visit('Bob', { room: 'one' });
    await house.visit('Cyd', { room: 'two' });
    ada.gone();
    await house.until('Ada has left', () => house.lefts('Ada', 'one').length > 0);
    expect(await house.rooms()).to.deep.equal([
      ['one', 1],
      ['two', 1],
    ]);
    expect(await house.rooms('one')).to.deep.equal([['two', 1]]);
    expect(await house.rooms('', 1)).to.deep.equal([['one', 1]]);
    expect(await house.participants('one')).to.deep.equal(['Bob']);
    expect(await house.participants('nowhere')).to.deep.equal([]);
  });

  it('lets no stream be opened from within an actor', async () => {
    house = new House({ lingerMsMax: 5 });
    const ada = await house.visit('Ada');
    let fault: unknown;
    await new Promise<void>((answered) => {
      house.server.tell({
        kind: 'list-rooms',
        after: '',
        limit: 1,
        replyTo: {
          tell: () => {
            try {
              house.connect();
            } catch (error) {
              fault = error;
            }
            answered();
          },
        },
      });
    });
    expect(fault).to.be.instanceOf(Error);
    expect(ada.endings).to.deep.equal([]);
  });
});
