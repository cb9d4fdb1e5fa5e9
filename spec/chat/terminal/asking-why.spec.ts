import { expect } from 'chai';
import { TerminalSession } from '../../../lib/chat/terminal/terminal-session.js';
import type { RoomEvent } from '../../../lib/core/event.js';
import { FakeChatClient } from './fake-chat-client.js';

/** A session, and what it answers to what is typed. */
function open(client = new FakeChatClient(), past?: readonly RoomEvent[]) {
  const lines: string[] = [];
  const session = new TerminalSession(
    client,
    { server: '127.0.0.1:4000', logFile: '/var/log/ada.log', news: [], past, keeper: undefined },
    (line) => lines.push(line.spans.map(({ text }) => text).join('')),
    () => {},
  );
  session.start();
  return async (input: string) => {
    lines.length = 0;
    session.act({ kind: 'edit', edit: { kind: 'insert', text: input } });
    session.act({ kind: 'submit' });
    await new Promise<void>((resolve) => setImmediate(resolve));
    return lines;
  };
}

const message = (text: string, seen?: number) =>
  ({ kind: 'message', text, ...(seen !== undefined && { seen }) }) as const;

describe('Who asks at the terminal why', () => {
  it('is told of what was said, also of the own words', async () => {
    const client = new FakeChatClient();
    const answer = open(client);
    client.happen('bob', message('hello'));
    expect((await answer('/why'))[0]).to.equal('-- [1] bob: hello');
    await answer('hi bob');
    expect((await answer('/why'))[1]).to.match(/max\(room 1, you 3\) \+ 1, .* Your clock was 3 when you sent it\.$/);
  });

  it('is told of what was shown from before, whether by /history or at the start', async () => {
    const client = new FakeChatClient();
    for (const text of ['one', 'two']) client.happenedBefore('bob', message(text));
    const past = await client.history(1);
    const answer = open(client, past);
    expect((await answer('/why 2'))[0]).to.equal('-- [2] bob: two');
    expect((await answer('/why 1'))[0]).to.match(/^-- What was before \[2\] is not here\./);
    await answer('/history');
    expect((await answer('/why 1'))[0]).to.equal('-- [1] bob: one');
  });

  it('sees the sign of what crossed in flight also in earlier events', async () => {
    const client = new FakeChatClient();
    client.happenedBefore('bob', message('one', 0));
    client.happenedBefore('eve', message('two', 0));
    const answer = open(client);
    client.happen('ada', { kind: 'joined' });
    expect(await answer('/history')).to.include('[2]~eve: two');
  });

  it('is told nothing of a history that was lost [P11]', async () => {
    const client = new FakeChatClient();
    const answer = open(client);
    client.happen('bob', message('hello'));
    client.stand({ state: 'history-lost' });
    expect(await answer('/why')).to.deep.equal(['-- Nobody has said anything yet.']);
    expect(await answer('/fingerprint')).to.deep.equal(['-- Nothing has happened yet.']);
  });
});
