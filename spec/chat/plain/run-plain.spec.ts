import { PassThrough, Writable } from 'node:stream';
import { expect } from 'chai';
import { runPlain } from '../../../lib/chat/plain/run-plain.js';
import { SessionKeeper } from '../../../lib/chat/saved-session/session-keeper.js';
import type { SavedSession } from '../../../lib/client/chat-client.js';
import { Overdue, Refused } from '../../../lib/client/errors.js';
import { rejection } from '../../../lib/core/rejection.js';
import { withLimits } from '../../client/with-limits.js';
import { eventually } from '../../system/eventually.js';
import { FakeChatClient } from '../terminal/fake-chat-client.js';

function collect() {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  return {
    stream,
    get lines() {
      return text.split('\n').slice(0, -1);
    },
  };
}

function open(options: { json?: boolean; typed?: boolean; output?: Writable; keeper?: SessionKeeper } = {}) {
  const client = new FakeChatClient();
  client.happen('ada', { kind: 'joined' });
  const input = new PassThrough();
  const output = collect();
  const errors = collect();
  const stop = new AbortController();
  const end = runPlain(client, {
    input,
    output: options.output ?? output.stream,
    errors: errors.stream,
    typed: options.typed ?? false,
    json: options.json ?? false,
    keeper: options.keeper,
    stop: stop.signal,
  });
  return { client, input, output, errors, stop, end };
}

describe('A session without a terminal', () => {
  it('sends each line as a message, prints each event as a line, and leaves at the end of input [S3] [S7]', async () => {
    const { client, input, output, errors, end } = open();
    input.end('one\r\n\ntwo');
    expect(await end).to.equal('left');
    expect(client.published).to.deep.equal(['one', 'two']);
    expect(output.lines).to.deep.equal([
      'Participant ada joined Chit Chat at logical time 1',
      '[4] ada: one',
      '[7] ada: two',
      'Participant ada left Chit Chat at logical time 10',
    ]);
    expect(errors.lines).to.deep.equal([]);
  });

  it('prints an event as a JSON object, with its own Lamport time after receiving it [S8]', async () => {
    const { input, output, end } = open({ json: true });
    input.end('hello \u202e\n');
    await end;
    const [connection, ...events] = output.lines.map((line) => JSON.parse(line));
    expect({ ...connection, time: undefined }).to.deep.equal({
      ...{ kind: 'connected', room: 'lobby', logId: 'log', sequence: 1, time: undefined },
    });
    expect(events).to.deep.equal([
      {
        kind: 'joined',
        room: 'lobby',
        logId: 'log',
        sequence: 1,
        lamport: 1,
        time: '2026-01-01T00:00:01.000Z',
        participant: 'ada',
        chain: '0000000000000001',
        clock: 2,
      },
      {
        kind: 'message',
        room: 'lobby',
        logId: 'log',
        sequence: 2,
        lamport: 4,
        time: '2026-01-01T00:00:02.000Z',
        participant: 'ada',
        text: 'hello \u202e',
        ordinal: 1,
        seen: 1,
        chain: '0000000000000002',
        clock: 5,
      },
      {
        kind: 'left',
        room: 'lobby',
        logId: 'log',
        sequence: 3,
        lamport: 7,
        time: '2026-01-01T00:00:03.000Z',
        participant: 'ada',
        reason: 'ASKED',
        chain: '0000000000000003',
        clock: 8,
      },
    ]);
  });

  it('writes out what a peer sent to do something to the screen [S7]', async () => {
    const { client, input, output, end } = open();
    client.happen('eve', { kind: 'message', text: '\x1b[2J\u202e' });
    input.end();
    await end;
    expect(output.lines[1]).to.equal('[2] eve: \\u{1b}[2J\\u{202e}');
  });

  it('sends the next line when the one before has become an event, and reads no further [P6] [P12]', async () => {
    const { client, input, end } = open();
    const answers: (() => void)[] = [];
    client.beforePublish = () => new Promise((resolve) => answers.push(resolve));
    let taken = 0;
    // More than what streams hold by themselves, which is more from one version of Node to the next.
    const linesMax = 1_000_000;
    const produce = () => {
      while (taken < linesMax && input.write(`line ${taken}\n`)) taken += 1;
    };
    produce();
    await new Promise(setImmediate);
    expect(answers).to.have.length(1);
    expect(taken).to.be.lessThan(linesMax);
    client.beforePublish = () => {};
    answers[0]?.();
    input.end();
    expect(await end).to.equal('left');
    expect(client.published.at(-1)).to.equal(`line ${taken}`);
  });

  it('tells of a refused line by its number, goes on, and says so in the end [P9]', async () => {
    const { client, input, errors, end } = open();
    client.beforePublish = (text) => {
      if (text === 'bad') throw new Refused(rejection('TEXT_TOO_LONG', 1));
    };
    input.end(Buffer.concat([Buffer.from('good\n\nbad\nbetter\n'), Buffer.from([0xff])]));
    expect(await end).to.equal('refused');
    expect(client.published).to.deep.equal(['good', 'better']);
    expect(errors.lines).to.have.length(2);
    expect(errors.lines[0]).to.match(/^chit-client: Line 3 was not sent\. A message has at most 128/);
    expect(errors.lines[1]).to.match(/^chit-client: Line 5 was not sent\..*UTF-8/);
  });

  it('tells of each loss and return of its connection, once, and of a lost history [P11]', async () => {
    const { client, input, errors, end } = open();
    const offline = { state: 'offline', sinceMs: 0, retryAtMs: 0, reason: 'The connection is lost (cut).' } as const;
    const connecting = { state: 'connecting', sinceMs: 0 } as const;
    client.stand(offline);
    client.stand(connecting);
    client.stand({ ...offline, reason: 'No server answers.' });
    client.stand(connecting);
    client.stand({ state: 'catching-up', behind: 2 });
    client.stand({ state: 'catching-up', behind: 1 });
    client.stand({ state: 'live' });
    client.stand(offline);
    client.stand(connecting);
    client.stand({ state: 'history-lost' });
    client.stand({ state: 'live' });
    input.end();
    expect(await end).to.equal('left');
    expect(errors.lines).to.deep.equal([
      'chit-client: The connection is lost (cut). Connecting again …',
      'chit-client: Connected again.',
      'chit-client: The connection is lost (cut). Connecting again …',
      'chit-client: The history of this room is not the one it was. What follows is new.',
      'chit-client: Connected again.',
    ]);
  });

  it('says of a line without an answer whether it may have been sent', async () => {
    const { client, input, errors, end } = open();
    client.beforePublish = (text) => {
      throw new Overdue('It took too long.', text === 'sent');
    };
    input.end('sent\nunsent\n');
    expect(await end).to.equal('refused');
    expect(errors.lines).to.deep.equal([
      'chit-client: Line 1 was not sent. Or perhaps it was: no answer came. It took too long.',
      'chit-client: Line 2 was not sent. It took too long.',
    ]);
  });

  it('tells why the session ended when nobody asked for it, after all that was received', async () => {
    const { client, output, errors, end } = open();
    client.happen('bob', { kind: 'message', text: 'last words' });
    client.endSession('The server is stopping. Join again when it is back.');
    expect(await end).to.equal('ended');
    expect(output.lines.at(-1)).to.equal('[2] bob: last words');
    expect(errors.lines).to.deep.equal(['chit-client: The server is stopping. Join again when it is back.']);
  });

  it('leaves when it is told to stop, whatever is unanswered or unread [S6]', async () => {
    const { client, input, output, stop, end } = open();
    client.beforePublish = () => new Promise(() => {});
    input.write('one\ntwo\n');
    await new Promise(setImmediate);
    stop.abort();
    expect(await end).to.equal('left');
    expect(output.lines.at(-1)).to.match(/^Participant ada left Chit Chat/);
  });

  it('lets the server wait for a slow reader of its output [P10]', async () => {
    const waiting: (() => void)[] = [];
    const output = new Writable({ highWaterMark: 100, write: (_chunk, _encoding, done) => void waiting.push(done) });
    const { client, input, end } = open({ output });
    for (let index = 0; index < 5; index++) client.happen('bob', { kind: 'message', text: `message ${index}` });
    expect(client.paused).to.equal(true);
    while (waiting.length > 0) {
      waiting.shift()?.();
      await new Promise(setImmediate);
    }
    expect(client.paused).to.equal(false);
    input.end();
    const drain = setInterval(() => waiting.shift()?.(), 1);
    await end;
    clearInterval(drain);
  });

  it('leaves quietly when nobody reads its output any more', async () => {
    const output = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    });
    const { client, errors, end } = open({ output });
    expect(await end).to.equal('left');
    expect(client.left).to.equal(true);
    expect(errors.lines).to.deep.equal([]);
  });

  describe('whose place is kept', () => {
    function keeping() {
      const kept: number[] = [];
      const store = {
        path: '/state/ada.place',
        removed: false,
        write: async ({ sequence }: SavedSession) => void kept.push(sequence),
        remove: async () => {
          store.removed = true;
        },
      };
      const { session } = new FakeChatClient().place;
      return { kept, store, keeper: new SessionKeeper(store, session) };
    }

    it('keeps the place of what its output has taken, not of what it was given [P3]', async () => {
      await withLimits({ savedSessionMsMax: 1 }, async () => {
        const { kept, keeper } = keeping();
        const waiting: (() => void)[] = [];
        const output = new Writable({ write: (_chunk, _encoding, done) => void waiting.push(done) });
        const { client, input, end } = open({ output, keeper });
        for (let index = 0; index < 3; index++) client.happen('bob', { kind: 'message', text: `message ${index}` });
        for (const sequence of [1, 2]) {
          waiting.shift()?.();
          await eventually('a place is kept', () => kept.at(-1) === sequence);
        }
        input.end();
        const drain = setInterval(() => waiting.shift()?.(), 1);
        await end;
        clearInterval(drain);
      });
    });

    it('removes it where it has left', async () => {
      const { store, keeper } = keeping();
      const { input, end } = open({ keeper });
      input.end();
      expect(await end).to.equal('left');
      expect(store.removed).to.equal(true);
    });

    it('keeps it where the session ended otherwise, or nobody took what it printed', async () => {
      for (const broken of [false, true]) {
        const { store, keeper } = keeping();
        const output = new Writable({ write: (_chunk, _encoding, done) => done(broken ? new Error('EPIPE') : null) });
        const { client, end } = open({ output, keeper });
        if (!broken) client.endSession('The server removed you from the room.');
        await end;
        expect(store.removed).to.equal(false);
      }
    });
  });

  it('takes a line that a person types as a command, never as a message of that text', async () => {
    const { client, input, errors, end } = open({ typed: true });
    input.write('/help\n/nothing-like-it\n//two slashes\nsaid\n/quit\nnot said any more\n');
    expect(await end).to.equal('left');
    expect(client.published).to.deep.equal(['/two slashes', 'said']);
    expect(errors.lines).to.deep.equal([
      'chit-client: /help needs a terminal that can be drawn on. Here lines are sent as messages, and /quit leaves.',
      'chit-client: There is no command /nothing-like-it. /help lists them; //nothing-like-it sends it as a message.',
    ]);
  });

  it('sends a line of a program that begins with a slash as it is', async () => {
    const { client, input, end } = open();
    input.end('/quit\n//x\n');
    expect(await end).to.equal('left');
    expect(client.published).to.deep.equal(['/quit', '//x']);
  });
});
