import { expect } from 'chai';
import { SessionKeeper } from '../../../lib/chat/saved-session/session-keeper.js';
import { helpText, type SessionFacts } from '../../../lib/chat/terminal/command.js';
import { TerminalSession } from '../../../lib/chat/terminal/terminal-session.js';
import type { SavedSession } from '../../../lib/client/chat-client.js';
import { Overdue, Refused, VisitOver } from '../../../lib/client/errors.js';
import { rejection } from '../../../lib/core/rejection.js';
import { withLimits } from '../../client/with-limits.js';
import { eventually } from '../../system/eventually.js';
import { FakeChatClient } from './fake-chat-client.js';

/** A session with a client whose room the test makes. */
function open(client = new FakeChatClient(), facts: Partial<SessionFacts> = {}, kept?: 'from the start') {
  const lines: string[] = [];
  let changes = 0;
  const session = new TerminalSession(
    client,
    { server: '127.0.0.1:4000', logFile: '/var/log/ada.log', news: [], past: undefined, keeper: undefined, ...facts },
    (line) => lines.push(line.spans.map(({ text }) => text).join('')),
    () => {
      changes += 1;
    },
  );
  session.start();
  if (!kept) lines.length = 0;
  const type = (text: string) => session.act({ kind: 'edit', edit: { kind: 'insert', text } });
  return {
    client,
    session,
    lines,
    /** How often the screen was said to be another. */
    changes: () => changes,
    type,
    enter(text: string) {
      type(text);
      session.act({ kind: 'submit' });
    },
  };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('A session at the terminal', () => {
  it('shows every event with its logical time, in order [S7]', () => {
    const { client, lines } = open();
    client.happen('ada', { kind: 'joined' });
    client.happen('bob', { kind: 'joined' });
    client.happen('bob', { kind: 'message', text: 'hello' });
    client.happen('bob', { kind: 'left' });
    expect(lines).to.deep.equal([
      'Participant ada joined Chit Chat at logical time 1',
      'Participant bob joined Chit Chat at logical time 2',
      '[3] bob: hello',
      'Participant bob left Chit Chat at logical time 4',
    ]);
  });

  it('keeps what is being typed while events arrive', () => {
    const { client, session, type } = open();
    type('half a sen');
    client.happen('bob', { kind: 'message', text: 'hello' });
    expect(session.screen.editor.text).to.equal('half a sen');
  });

  it('has the participants and the own Lamport time of the client on its screen [S8]', () => {
    const { client, session } = open();
    client.happen('ada', { kind: 'joined' });
    client.happen('bob', { kind: 'joined' });
    expect(session.screen.standing).to.deep.include({
      room: 'lobby',
      participants: ['ada', 'bob'],
      time: client.time,
      connection: { state: 'live' },
    });
  });

  it('publishes what is typed, in order, and empties the input line [S3] [P6]', async () => {
    const { client, session, enter } = open();
    for (const text of ['one', 'two', '//three']) enter(text);
    await settle();
    expect(client.published).to.deep.equal(['one', 'two', '/three']);
    expect(session.screen.editor.text).to.equal('');
  });

  it('does not send what the server would refuse, and leaves it in the input line [S3]', async () => {
    const { client, session, lines, enter } = open();
    enter('x'.repeat(129));
    await settle();
    expect(client.published).to.deep.equal([]);
    expect(lines).to.deep.equal(['-- Not sent: a message has at most 128 characters. Shorten it.']);
    expect(session.screen.editor.text).to.have.length(129);
  });

  it('tells why a message was refused, and puts it back into the input line [P9]', async () => {
    const { client, session, lines, enter } = open();
    client.beforePublish = () => {
      throw new Refused(rejection('RATE_LIMITED', 1, 500));
    };
    enter('//hello');
    await settle();
    expect(lines).to.deep.equal(['-- Not sent: Too many messages in a short time. Send this one again later.']);
    expect(session.screen.editor.text).to.equal('//hello');
  });

  it('does not overwrite what is being typed with what was refused', async () => {
    const { client, session, lines, enter, type } = open();
    client.beforePublish = () => {
      throw new Refused(rejection('READ_ONLY', 1));
    };
    enter('hello');
    type('next');
    await settle();
    expect(lines).to.have.length(1);
    expect(lines[0]).to.match(/^-- Not sent: hello \(/);
    expect(session.screen.editor.text).to.equal('next');
  });

  it('says that it does not know what became of a message when the visit ended first', async () => {
    const { client, lines, enter } = open();
    client.beforePublish = () => {
      throw new VisitOver('the visit is over');
    };
    enter('hello');
    await settle();
    expect(lines).to.deep.equal(['-- Perhaps not sent: hello (the visit is over)']);
  });

  it('lists its commands', () => {
    const { lines, enter } = open();
    enter('/help');
    expect(lines).to.deep.equal(helpText.map((text) => `-- ${text}`));
  });

  it('tells who is there, who one is, and which rooms there are', async () => {
    const { client, lines, enter } = open();
    client.happen('ada', { kind: 'joined' });
    lines.length = 0;
    for (const command of ['/who', '/me', '/rooms']) enter(command);
    await settle();
    expect(lines).to.deep.equal([
      '-- 1 in lobby: ada',
      '-- You are ada in lobby on 127.0.0.1:4000. Your Lamport time is 2. Log: /var/log/ada.log',
      '-- 2 rooms:',
      '-- lobby: 1 here, 1 event, logical time 1',
      '-- kitchen: 2 here, 9 events, logical time 12',
    ]);
  });

  it('shows earlier events, and those before them when asked again', async () => {
    const client = new FakeChatClient();
    for (let index = 1; index <= 5; index++)
      client.happenedBefore('bob', { kind: 'message', text: `earlier ${index}` });
    const { lines, enter } = open(client);
    client.happen('ada', { kind: 'joined' });
    lines.length = 0;
    for (let times = 0; times < 3; times++) {
      enter('/history 3');
      await settle();
    }
    expect(lines).to.deep.equal([
      '-- 3 earlier events:',
      '[3] bob: earlier 3',
      '[4] bob: earlier 4',
      '[5] bob: earlier 5',
      '-- Now again. /history shows those before.',
      '-- 2 earlier events:',
      '[1] bob: earlier 1',
      '[2] bob: earlier 2',
      '-- Now again. There is nothing before.',
      '-- There are no earlier events.',
    ]);
  });

  it('shows no event twice where earlier ones are asked for faster than they come', async () => {
    const client = new FakeChatClient();
    for (let index = 1; index <= 5; index++)
      client.happenedBefore('bob', { kind: 'message', text: `earlier ${index}` });
    const { lines, enter } = open(client);
    client.happen('ada', { kind: 'joined' });
    lines.length = 0;
    for (let times = 0; times < 3; times++) enter('/history 2');
    enter('/rooms');
    await settle();
    expect(lines.filter((line) => line.includes('bob'))).to.deep.equal(
      [4, 5, 2, 3, 1].map((index) => `[${index}] bob: earlier ${index}`),
    );
    expect(lines.at(-1)).to.match(/^-- kitchen/);
  });

  it('answers what is asked after a question that had no answer', async () => {
    const { client, lines, enter } = open();
    client.history = async () => {
      throw new Error('no answer within 10 s');
    };
    for (const command of ['/history', '/rooms']) enter(command);
    await settle();
    expect(lines.slice(0, 2)).to.deep.equal(['-- Earlier events are not known: no answer within 10 s', '-- 2 rooms:']);
  });

  it('explains an unknown command and sends nothing', async () => {
    const { client, lines, enter } = open();
    enter('/nope');
    await settle();
    expect(client.published).to.deep.equal([]);
    expect(lines[0]).to.match(/no command \/nope/);
  });

  it('tells that a question had no answer, and goes on', async () => {
    const { client, lines, enter } = open();
    client.rooms = async () => {
      throw new Error('no answer within 10 s');
    };
    enter('/rooms');
    await settle();
    expect(lines).to.deep.equal(['-- The rooms are not known: no answer within 10 s']);
  });

  it('leaves after everything typed was answered [S6]', async () => {
    const { client, session, lines, enter } = open();
    enter('bye');
    enter('/quit');
    expect(session.screen.standing.connection.state).to.equal('leaving');
    expect(await session.end).to.equal('left');
    expect(client.published).to.deep.equal(['bye']);
    expect(lines.at(-1)).to.match(/^Participant ada left Chit Chat at logical time \d+$/);
  });

  for (const kind of ['interrupt', 'end-of-input'] as const) {
    it(`leaves on ${kind}, and ends at once on the second [S6]`, async () => {
      const { client, session } = open();
      client.beforeLeave = () => new Promise(() => {});
      session.act({ kind });
      session.act({ kind });
      expect(await session.end).to.equal('cut-short');
    });
  }

  it('deletes on Ctrl-D as long as there is something to delete', () => {
    const { session, type } = open();
    type('ab');
    session.act({ kind: 'edit', edit: { kind: 'home' } });
    session.act({ kind: 'end-of-input' });
    expect(session.screen.editor.text).to.equal('b');
    expect(session.screen.standing.connection.state).to.equal('live');
  });

  it('tells why the visit ended when nobody asked for it', async () => {
    const { client, session, lines } = open();
    client.endVisit('The server is stopping. Join again when it is back.');
    expect(await session.end).to.equal('ended');
    expect(lines).to.deep.equal(['-- The server is stopping. Join again when it is back.']);
    expect(session.screen.standing.connection.state).to.equal('ended');
  });

  describe('without a connection', () => {
    const offline = { state: 'offline', sinceMs: 0, retryAtMs: 0, reason: 'The connection is lost (cut).' } as const;
    const connecting = { state: 'connecting', sinceMs: 0 } as const;

    it('tells of each loss and each return once, whatever is tried in between', () => {
      const { client, lines } = open();
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
      const { client, lines, enter } = open();
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
      const { client, session, lines, enter } = open();
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
        const { client, session, enter, changes } = open();
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
      const { client, lines, enter } = open();
      client.beforePublish = () => new Promise(() => {});
      client.stand(offline);
      enter('hello');
      lines.length = 0;
      enter('/me');
      expect(lines[1]).to.match(/^-- Offline since \d\d:\d\d:\d\d, trying …: The connection is lost \(cut\)\.$/);
      expect(lines[2]).to.equal('-- Of what you typed, 1 message is not sent yet.');
    });

    it('tells of every message that was not sent when the visit ends', async () => {
      const { client, session, lines, enter } = open();
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
      client.endVisit('It was tried for 60 s.');
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
      const { client, session, lines, enter } = open();
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
        const { client, session, lines, enter } = open();
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
      const { client, session, lines } = open();
      client.beforeLeave = () => new Promise(() => {});
      client.stand(offline);
      session.leave();
      expect(lines.at(-1)).to.equal('-- There is no connection to leave by. It is tried. Ctrl-C again ends at once.');
      session.leave();
      await session.end;
    });

    it('says of a message that waited as long as a timer can no number of seconds', async () => {
      const { client, lines, enter, type } = open();
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

  describe('whose place is kept', () => {
    function keeping() {
      const kept: SavedSession[] = [];
      const store = { path: '/state/ada.place', write: async (place: SavedSession) => void kept.push(place) };
      const client = new FakeChatClient();
      const keeper = new SessionKeeper({ ...store, remove: async () => {} }, client.place.session);
      return { kept, keeper, ...open(client, { keeper }) };
    }

    it('keeps the place of what it has shown', async () => {
      const { client, keeper, kept } = keeping();
      client.happen('ada', { kind: 'joined' });
      client.happen('bob', { kind: 'message', text: 'hello' });
      await keeper.close(false);
      expect(kept.map(({ sequence }) => sequence)).to.deep.equal([2]);
    });

    it('keeps it at once when something is said', async () => {
      const { client, kept, enter } = keeping();
      client.happen('ada', { kind: 'joined' });
      client.beforePublish = () => new Promise(() => {});
      enter('hello');
      await settle();
      expect(kept.map(({ sequence }) => sequence)).to.deep.equal([1]);
    });

    it('tells where it is kept, and once that it cannot be', async () => {
      const { keeper, lines, enter } = keeping();
      enter('/me');
      expect(lines.at(-1)).to.equal('-- Your place is kept in /state/ada.place');
      keeper.onFailure('Your place cannot be kept.');
      expect(lines.at(-1)).to.equal('-- Your place cannot be kept.');
    });
  });

  it('begins, where an earlier visit is gone on with, with the past and what is to be known', async () => {
    const client = new FakeChatClient();
    for (let index = 1; index <= 4; index++)
      client.happenedBefore('bob', { kind: 'message', text: `earlier ${index}` });
    const past = await client.history(2);
    const { lines, enter } = open(client, { past, news: ['You should know this.'] }, 'from the start');
    expect(lines).to.deep.equal([
      '-- You are ada in lobby again. /help lists the commands.',
      '-- You should know this.',
      '[3] bob: earlier 3',
      '[4] bob: earlier 4',
      '-- Here you stopped. What came since follows.',
    ]);
    lines.length = 0;
    enter('/history');
    await settle();
    expect(lines.filter((line) => line.startsWith('['))).to.deep.equal(['[1] bob: earlier 1', '[2] bob: earlier 2']);
  });
});
