import { expect } from 'chai';
import { ScriptedRoom } from '../client/scripted-room.js';
import { ScriptedServer, type ScriptedStream } from '../client/scripted-server.js';
import { Child } from './child.js';
import { ClientProcess } from './client-process.js';
import { endedAfterEach } from './endings.js';
import { projectFile } from './project.js';

describe('chit-client at a server with a newer contract', () => {
  const endings = endedAfterEach();

  /** A server whose room has an event of a kind that only it knows, before Ada's joining and after. */
  async function newerServer(): Promise<{ readonly server: ScriptedServer; readonly room: ScriptedRoom }> {
    const server = await ScriptedServer.start();
    endings.add(() => server.stop());
    const room = new ScriptedRoom();
    room.join('Bob');
    room.doSomethingNew('Bob');
    const serve = async (stream: ScriptedStream) => {
      const { position: place } = room.state;
      stream.welcome({ participants: ['Bob'], newest: place.sequence, lamport: place.lamport });
      const joined = room.join('Ada', stream.requests[0]?.lamport);
      stream.events(...room.events.slice(0, 2), joined, room.doSomethingNew('Bob'), room.say('Bob', 'after that', 1));
      const { lamport } = await stream.request(2);
      stream.events(room.leave('Ada', lamport));
      stream.end();
    };
    server.onJoin = (stream) => void serve(stream);
    return { server, room };
  }

  it('prints it as something that it does not know, and goes on [S7] [P3]', async () => {
    const { server } = await newerServer();
    const ada = await ClientProcess.joined(endings, server.address, { name: 'Ada', sentences: true });
    await ada.until('the message after it', () => ada.child.lines.some((line) => line.endsWith('Bob: after that')));
    expect(await ada.leave()).to.equal(0);
    expect(ada.child.lines.map((line) => line.replace(/\d+/, 'N'))).to.deep.equal([
      'Participant Bob joined Chit Chat at logical time N',
      'Participant Bob did something that this client does not know at logical time N',
      'Participant Ada joined Chit Chat at logical time N',
      'Participant Bob did something that this client does not know at logical time N',
      '[N] Bob: after that',
      'Participant Ada left Chit Chat at logical time N',
    ]);
    expect(server.streams).to.have.length(1);
  });

  it('prints and logs it with what all events have, and its log can be checked and shown [S7] [T4]', async () => {
    const { server, room } = await newerServer();
    const ada = await ClientProcess.joined(endings, server.address, { name: 'Ada' });
    await ada.heard('after that');
    expect(await ada.leave()).to.equal(0);
    const [, , , { timeMs: _, ...something } = { timeMs: 0 }] = room.events;
    expect(ada.events[3]).to.deep.include(something);
    const receipts = ada.records().filter(({ event }) => event === 'receive');
    expect(receipts[3]).to.deep.include(something);

    const trace = (...args: string[]) => new Child(endings, process.execPath, [projectFile('bin/chit-trace'), ...args]);
    const checked = trace('check', ada.logFile);
    expect(await checked.ended, checked.lines.join('\n')).to.equal(0);
    const shown = trace('show', '--all', ada.logFile);
    expect(await shown.ended).to.equal(0);
    expect(
      shown.lines.filter((line) => line.includes('did something that this client does not know')),
    ).not.to.have.length(0);
  });
});
