import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { firstValueFrom } from 'rxjs';
import { savedSessionFrom } from '../../lib/chat/saved-session/saved-session-text.js';
import { connect, LamportClock } from '../../lib/client/index.js';
import { defaultLimits } from '../../lib/core/limits.js';
import { ClientProcess } from './client-process.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';

describe('a client whose clock is far ahead of all that its server knows', () => {
  const endings = endedAfterEach();

  /** Somebody brings the clock of the lobby this far forward, as anybody may. */
  const farOn = 40 * defaultLimits.lamportStartMax;

  async function bringForward(server: ServerProcess): Promise<void> {
    const caller = new RawCaller(endings, server.address);
    const { session } = await caller.chat().join('Eve');
    expect((await caller.publish(session, 'far on', 1, farOn)).event.lamport).to.equal(farOn + 1);
  }

  /** 0 where no place is kept yet. */
  function keptTime(file: string): number {
    return existsSync(file) ? savedSessionFrom(readFileSync(file, 'utf8')).lamport : 0;
  }

  it('is let in again by a server whose store was wiped, with the clock that --state kept [P7] [P11]', async () => {
    const server = await ServerProcess.start(endings);
    const file = join(temporaryDirectory(endings), 'ada.place');
    const start = { name: 'Ada', args: ['--state', file] };
    const ada = await ClientProcess.joined(endings, server.address, start);
    await bringForward(server);
    await ada.heard('far on');
    await eventually('the place is kept', () => keptTime(file) > farOn);
    await ada.kill();
    await server.kill();
    rmSync(server.data, { recursive: true });

    const wiped = await ServerProcess.start(endings, { data: server.data, args: ['--listen', server.address] });
    const again = await ClientProcess.joined(endings, wiped.address, start);
    expect(again.events[0]).to.include({ kind: 'joined', participant: 'Ada', sequence: 1 });
    expect(again.events[0]?.lamport).to.be.greaterThan(farOn);
    again.say('here again');
    await again.heard('here again');
    expect(await again.leave()).to.equal(0);
  });

  it('is let in by a second server where it chats with both and has one clock, as README advises [S8] [P7]', async () => {
    const [first, second] = [await ServerProcess.start(endings), await ServerProcess.start(endings)];
    const clock = new LamportClock();
    const chat = await connect({ server: first.address, name: 'Ada', clock });
    endings.add(() => chat.close());
    await bringForward(first);
    await chat.publish('after Eve');
    expect(clock.time).to.be.greaterThan(farOn);

    const other = await connect({ server: second.address, name: 'Ada', clock });
    endings.add(() => other.close());
    const joined = await firstValueFrom(other.events$);
    expect(joined).to.include({ kind: 'joined', sequence: 1 });
    expect(joined.lamport).to.be.greaterThan(farOn);
    const { lamport } = await other.publish('here too');
    expect((await chat.publish('and back')).lamport).to.be.greaterThan(lamport);
  });
});
