import { expect } from 'chai';
import { SessionKeeper } from '../../../lib/chat/saved-session/session-keeper.js';
import { helpText } from '../../../lib/chat/terminal/command.js';
import type { SavedSession } from '../../../lib/client/chat-client.js';
import { Refused, VisitOver } from '../../../lib/client/errors.js';
import { rejection } from '../../../lib/core/rejection.js';
import { FakeChatClient } from './fake-chat-client.js';
import { openSession, settle } from './open-session.js';

describe('A session at the terminal', () => {
  it('shows every event with its logical time, in order [S7]', () => {
    const { client, lines } = openSession();
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
    const { client, session, type } = openSession();
    type('half a sen');
    client.happen('bob', { kind: 'message', text: 'hello' });
    expect(session.screen.editor.text).to.equal('half a sen');
  });

  it('has the participants and the own Lamport time of the client on its screen [S8]', () => {
    const { client, session } = openSession();
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
    const { client, session, enter } = openSession();
    for (const text of ['one', 'two', '//three']) enter(text);
    await settle();
    expect(client.published).to.deep.equal(['one', 'two', '/three']);
    expect(session.screen.editor.text).to.equal('');
  });

  it('does not send what the server would refuse, and leaves it in the input line [S3]', async () => {
    const { client, session, lines, enter } = openSession();
    enter('x'.repeat(129));
    await settle();
    expect(client.published).to.deep.equal([]);
    expect(lines).to.deep.equal(['-- Not sent: a message has at most 128 characters. Shorten it.']);
    expect(session.screen.editor.text).to.have.length(129);
  });

  it('tells why a message was refused, and puts it back into the input line [P9]', async () => {
    const { client, session, lines, enter } = openSession();
    client.beforePublish = () => {
      throw new Refused(rejection('RATE_LIMITED', 1, 500));
    };
    enter('//hello');
    await settle();
    expect(lines).to.deep.equal(['-- Not sent: Too many messages in a short time. Send this one again later.']);
    expect(session.screen.editor.text).to.equal('//hello');
  });

  it('does not overwrite what is being typed with what was refused', async () => {
    const { client, session, lines, enter, type } = openSession();
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

  it('says that it does not know what became of a message when the session ended first', async () => {
    const { client, lines, enter } = openSession();
    client.beforePublish = () => {
      throw new VisitOver('the visit is over');
    };
    enter('hello');
    await settle();
    expect(lines).to.deep.equal(['-- Perhaps not sent: hello (the visit is over)']);
  });

  it('lists its commands', () => {
    const { lines, enter } = openSession();
    enter('/help');
    expect(lines).to.deep.equal(helpText.map((text) => `-- ${text}`));
  });

  it('tells who is there, who one is, and which rooms there are', async () => {
    const { client, lines, enter } = openSession();
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
    const { lines, enter } = openSession(client);
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
    const { lines, enter } = openSession(client);
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
    const { client, lines, enter } = openSession();
    client.history = async () => {
      throw new Error('no answer within 10 s');
    };
    for (const command of ['/history', '/rooms']) enter(command);
    await settle();
    expect(lines.slice(0, 2)).to.deep.equal(['-- Earlier events are not known: no answer within 10 s', '-- 2 rooms:']);
  });

  it('explains an unknown command and sends nothing', async () => {
    const { client, lines, enter } = openSession();
    enter('/nope');
    await settle();
    expect(client.published).to.deep.equal([]);
    expect(lines[0]).to.match(/no command \/nope/);
  });

  it('tells that a question had no answer, and goes on', async () => {
    const { client, lines, enter } = openSession();
    client.rooms = async () => {
      throw new Error('no answer within 10 s');
    };
    enter('/rooms');
    await settle();
    expect(lines).to.deep.equal(['-- The rooms are not known: no answer within 10 s']);
  });

  it('leaves after everything typed was answered [S6]', async () => {
    const { client, session, lines, enter } = openSession();
    enter('bye');
    enter('/quit');
    expect(session.screen.standing.connection.state).to.equal('leaving');
    expect(await session.end).to.equal('left');
    expect(client.published).to.deep.equal(['bye']);
    expect(lines.at(-1)).to.match(/^Participant ada left Chit Chat at logical time \d+$/);
  });

  for (const kind of ['interrupt', 'end-of-input'] as const) {
    it(`leaves on ${kind}, and ends at once on the second [S6]`, async () => {
      const { client, session } = openSession();
      client.beforeLeave = () => new Promise(() => {});
      session.act({ kind });
      session.act({ kind });
      expect(await session.end).to.equal('cut-short');
    });
  }

  it('deletes on Ctrl-D as long as there is something to delete', () => {
    const { session, type } = openSession();
    type('ab');
    session.act({ kind: 'edit', edit: { kind: 'home' } });
    session.act({ kind: 'end-of-input' });
    expect(session.screen.editor.text).to.equal('b');
    expect(session.screen.standing.connection.state).to.equal('live');
  });

  it('tells why the session ended when nobody asked for it', async () => {
    const { client, session, lines } = openSession();
    client.endSession('The server is stopping. Join again when it is back.');
    expect(await session.end).to.equal('ended');
    expect(lines).to.deep.equal(['-- The server is stopping. Join again when it is back.']);
    expect(session.screen.standing.connection.state).to.equal('ended');
  });

  describe('whose place is kept', () => {
    function keeping() {
      const kept: SavedSession[] = [];
      const store = { path: '/state/ada.place', write: async (place: SavedSession) => void kept.push(place) };
      const client = new FakeChatClient();
      const keeper = new SessionKeeper({ ...store, remove: async () => {} }, client.place.session);
      return { kept, keeper, ...openSession(client, { keeper }) };
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

  it('begins, where an earlier session is gone on with, with the past and what is to be known', async () => {
    const client = new FakeChatClient();
    for (let index = 1; index <= 4; index++)
      client.happenedBefore('bob', { kind: 'message', text: `earlier ${index}` });
    const past = await client.history(2);
    const { lines, enter } = openSession(client, { past, news: ['You should know this.'] }, 'from the start');
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
