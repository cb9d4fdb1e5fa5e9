import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { connect } from '../../lib/client/index.js';
import type { RoomEvent } from '../../lib/core/event.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller, type RawChat } from './raw-caller.js';
import { ServerProcess } from './server-process.js';
import { comingsAndGoings } from './told-as-in-history.js';

describe('a half-closed stream, over the wire', () => {
  const endings = endedAfterEach();

  const isLeftOf = (name: string) => (event: RoomEvent) => event.kind === 'left' && event.participant === name;

  async function joined(caller: RawCaller, name: string, resumable: boolean): Promise<RawChat> {
    const chat = caller.chat();
    chat.askToJoin({ name, resumable });
    await chat.event(`${name} joined`, ({ kind, participant }) => kind === 'joined' && participant === name);
    return chat;
  }

  /** A stream that goes on where `chat` stopped. */
  async function resumed(caller: RawCaller, chat: RawChat): Promise<RawChat> {
    const { session, logId } = await chat.joined();
    const { sequence = 0, chain = '' } = chat.events.at(-1) ?? {};
    const again = caller.chat();
    again.askToJoin({ resume: { session, logId, sequence, chain } });
    expect(await again.joined()).to.include({ resumed: true });
    return again;
  }

  it('is a leave from a plain session [S6] [P8]', async () => {
    const server = await ServerProcess.start(endings, { args: ['--grace', '60s'] });
    const chat = await joined(new RawCaller(endings, server.address), 'Ada', false);
    chat.halfClose();
    expect(await chat.ended()).to.include({ code: 0 });
    expect(chat.events.at(-1)).to.include({ kind: 'left', participant: 'Ada', reason: 'ASKED' });
  });

  for (const [how, end] of [
    ['closed', (chat: RawChat) => chat.halfClose()],
    ['cancelled', (chat: RawChat) => chat.cancel()],
  ] as const) {
    it(`is a lost connection to a resumable session, when it is ${how}: it goes on, and nobody is told [P8]`, async () => {
      const server = await ServerProcess.start(endings, { args: ['--grace', '60s'] });
      const caller = new RawCaller(endings, server.address);
      const chat = await joined(caller, 'Ada', true);
      end(chat);
      await chat.ended();
      // Not before the server has noticed.
      await eventually('she is awaited', () => server.records().some(({ event }) => event === 'awaited'));
      const again = await resumed(caller, chat);
      again.publish('still here');
      await again.heard('still here');
      expect(comingsAndGoings(await caller.history())).to.deep.equal(['Ada joined']);
    });
  }

  it('is a loss that the others are told of when its grace is over [S6] [P8]', async () => {
    const server = await ServerProcess.start(endings, { args: ['--grace', '200ms'] });
    const caller = new RawCaller(endings, server.address);
    const bob = await joined(caller, 'Bob', false);
    (await joined(caller, 'Ada', true)).halfClose();
    expect(await bob.event('Ada left', isLeftOf('Ada'))).to.include({ reason: 'CONNECTION_LOST' });
  });

  it('is a leave that the server owes to whoever was refused it, also from a resumable session [P8]', async () => {
    const args = ['--publishes-per-second-max', '0', '--grace', '60s'];
    const server = await ServerProcess.start(endings, { args, fileKibMax: 1024 });
    const caller = new RawCaller(endings, server.address);
    const ada = await joined(caller, 'Ada', true);
    const { session } = await joined(caller, 'Speaker', false).then((chat) => chat.joined());
    await eventually('the log becomes full', async () => {
      for (let ordinal = 1; ; ordinal += 1) await caller.publish(session, '🎉'.repeat(128), ordinal);
    }).catch(() => {});
    ada.leave();
    expect(await ada.refused()).to.include({ reason: 'READ_ONLY' });
    ada.halfClose();
    execFileSync('prlimit', ['--fsize=unlimited', '--pid', String(server.child.pid)]);
    expect(await ada.event('Ada left', isLeftOf('Ada'), 10_000)).to.include({ reason: 'ASKED' });
    expect(await ada.ended()).to.include({ code: 0 });
  });

  it('comes after the leave that a client asks for when its visit is closed [S6] [P8]', async () => {
    const server = await ServerProcess.start(endings, { args: ['--grace', '60s'] });
    const caller = new RawCaller(endings, server.address);
    const bob = await joined(caller, 'Bob', false);
    const ada = await connect({ server: server.address, name: 'Ada' });
    await ada.close();
    expect(await bob.event('Ada left', isLeftOf('Ada'))).to.include({ reason: 'ASKED' });
  });
});
