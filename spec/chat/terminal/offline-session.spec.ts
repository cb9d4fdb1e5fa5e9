import { expect } from 'chai';
import { Overdue, VisitOver } from '../../../lib/client/errors.js';
import { withLimits } from '../../client/with-limits.js';
import { eventually } from '../../system/eventually.js';
import { openSession, settle } from './open-session.js';

describe('A session at the terminal without a connection', () => {
  const offline = { state: 'offline', sinceMs: 0, retryAtMs: 0, reason: 'The connection is lost (cut).' } as const;
  const connecting = { state: 'connecting', sinceMs: 0 } as const;

  it('tells of each loss and each return once, whatever is tried in between', () => {
    const { client, lines } = openSession();
    for (let tries = 0; tries < 3; tries++) {
      client.stand(offline);
      client.stand(connecting);
    }
    client.stand({ state: 'catching-up', behind: 2 });
    client.stand({ state: 'live' });
    expect(lines).to.deep.equal([
      '-- The connection is lost (cut). Connecting again … What you type is sent when that is done.',
      '-- Connected again.',
    ]);
  });

  it('tells that the history was lost, and shows earlier events of the new one when asked [P11]', async () => {
    const { client, lines, enter } = openSession();
    const asked: unknown[] = [];
    client.history = async (...question) => {
      asked.push(question);
      return [];
    };
    client.happen('bob', { kind: 'message', text: 'hello' });
    lines.length = 0;
    client.stand({ state: 'history-lost' });
    enter('/history 3');
    await settle();
    expect(lines[0]).to.match(/^-- The history of this room is not the one it was\./);
    expect(asked).to.deep.equal([[3, undefined]]);
  });

  it('marks what is typed as not sent, in order, until its event is shown', async () => {
    const { client, session, lines, enter } = openSession();
    const answers: (() => void)[] = [];
    client.beforePublish = () => new Promise((resolve) => answers.push(resolve));
    client.stand(offline);
    for (const text of ['one', 'two']) enter(text);
    expect(session.screen.unsent).to.deep.equal(['one', 'two']);
    client.stand({ state: 'live' });
    lines.length = 0;
    for (const left of [['two'], []]) {
      await settle();
      answers.shift()?.();
      await settle();
      client.stand(offline);
      expect(session.screen.unsent).to.deep.equal(left);
      client.stand({ state: 'live' });
    }
    expect(lines.filter((line) => line.startsWith('['))).to.have.length(2);
  });

  it('marks nothing as not sent that is answered soon over a good connection, and what is not', async () => {
    await withLimits({ unsentShownMs: 20 }, async () => {
      const { client, session, enter, changes } = openSession();
      let answer = () => {};
      client.beforePublish = () => new Promise((resolve) => (answer = resolve));
      enter('slow');
      expect(session.screen.unsent).to.deep.equal([]);
      const before = changes();
      await eventually('a redrawing by time alone', () => changes() > before && session.screen.unsent.length > 0);
      expect(session.screen.unsent).to.deep.equal(['slow']);
      answer();
      await settle();
      expect(session.screen.unsent).to.deep.equal([]);
    });
  });

  it('says by /me how it stands, and how much is not sent', async () => {
    const { client, lines, enter } = openSession();
    client.beforePublish = () => new Promise(() => {});
    client.stand(offline);
    enter('hello');
    lines.length = 0;
    enter('/me');
    expect(lines[1]).to.match(/^-- Offline since \d\d:\d\d:\d\d, trying …: The connection is lost \(cut\)\.$/);
    expect(lines[2]).to.equal('-- Of what you typed, 1 message is not sent yet.');
  });

  it('tells of every message that was not sent when the session ends', async () => {
    const { client, session, lines, enter } = openSession();
    let over = () => {};
    client.beforePublish = () =>
      new Promise((_, reject) => (over = () => reject(new VisitOver('the visit is over', false))));
    client.stand(offline);
    for (const text of ['one', 'two', 'three']) enter(text);
    await settle();
    lines.length = 0;
    client.beforePublish = () => {
      throw new VisitOver('the visit is over', false);
    };
    client.endSession('It was tried for 60 s.');
    over();
    expect(await session.end).to.equal('ended');
    expect(lines).to.deep.equal([
      '-- Not sent: one (the visit is over)',
      '-- Not sent: two (the visit is over)',
      '-- Not sent: three (the visit is over)',
      '-- It was tried for 60 s.',
    ]);
  });

  it('tells of every message without an answer also when it is ended at once', async () => {
    const { client, session, lines, enter } = openSession();
    client.beforePublish = () => new Promise(() => {});
    client.stand(offline);
    for (const text of ['one', 'two']) enter(text);
    lines.length = 0;
    session.leave();
    session.leave();
    expect(await session.end).to.equal('cut-short');
    expect(lines).to.deep.equal([
      '-- There is no connection to leave by. 2 messages are not sent yet: one is waited for, up to 5 s, then it is tried. Ctrl-C again ends at once.',
      '-- Not sent: one (you ended before it had an answer)',
      '-- Not sent: two (you ended before it had an answer)',
    ]);
  });

  const live = { state: 'live' } as const;
  for (const [how, before, after] of [
    ['was handed over while there was a connection', live, offline],
    ['was handed over before there was one again', offline, live],
  ] as const) {
    it(`says that a message was perhaps not sent where it ${how}`, async () => {
      const { client, session, lines, enter } = openSession();
      client.beforePublish = () => new Promise(() => {});
      client.stand(before);
      for (const text of ['one', 'two']) enter(text);
      await settle();
      client.stand(after);
      client.stand(offline);
      session.leave();
      session.leave();
      expect(await session.end).to.equal('cut-short');
      expect(lines.slice(-2)).to.deep.equal([
        '-- Perhaps not sent: one (you ended before it had an answer)',
        '-- Not sent: two (you ended before it had an answer)',
      ]);
    });
  }

  it('says that a connection to leave by is tried at once where all is sent', async () => {
    const { client, session, lines } = openSession();
    client.beforeLeave = () => new Promise(() => {});
    client.stand(offline);
    session.leave();
    expect(lines.at(-1)).to.equal('-- There is no connection to leave by. It is tried. Ctrl-C again ends at once.');
    session.leave();
    await session.end;
  });

  it('says of a message that waited as long as a timer can no number of seconds', async () => {
    const { client, lines, enter, type } = openSession();
    client.beforePublish = (text) => {
      throw new Overdue('It took 2147483.647 s.', text === 'sent');
    };
    for (const text of ['sent', 'unsent']) enter(text);
    type('half a sen');
    await settle();
    expect(lines).to.deep.equal([
      '-- Perhaps not sent: sent (The server did not answer in time.)',
      '-- Not sent: unsent (It could not be sent in time.)',
    ]);
  });
});
