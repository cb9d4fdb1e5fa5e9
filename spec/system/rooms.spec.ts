import { expect } from 'chai';
import { ClientProcess } from './client-process.js';
import { endedAfterEach } from './endings.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';
import { expectUnbroken } from './transcript.js';

describe('rooms and what clients print, with real processes', () => {
  const endings = endedAfterEach();

  it('keeps two rooms apart: neither is told of the other, and each has an order of its own [S4] [S5] [S6]', async () => {
    const server = await ServerProcess.start(endings);
    const join = (name: string, room: string) => ClientProcess.joined(endings, server.address, { name, room });
    const [ada, bob, cyd, namesake] = await Promise.all([
      join('Ada', 'tea'),
      join('Bob', 'tea'),
      join('Cyd', 'coffee'),
      join('Ada', 'coffee'),
    ]);
    for (let number = 1; number <= 20; number += 1) {
      ada.say(`tea from Ada ${number}`);
      bob.say(`tea from Bob ${number}`);
      cyd.say(`coffee from Cyd ${number}`);
      namesake.say(`coffee from Ada ${number}`);
    }
    const caller = new RawCaller(endings, server.address);
    await Promise.all([ada.heard('tea from Bob 20'), cyd.heard('coffee from Ada 20')]);
    await Promise.all([bob.heard('tea from Ada 20'), namesake.heard('coffee from Cyd 20')]);
    expect(await caller.participants('tea')).to.have.members(['Ada', 'Bob']);
    expect(await caller.participants('coffee')).to.have.members(['Cyd', 'Ada']);
    expect(await Promise.all([bob.leave(), namesake.leave()])).to.deep.equal([0, 0]);
    await Promise.all([ada.told('left', 'Bob'), cyd.told('left', 'Ada')]);
    for (const [client, room, people] of [
      [ada, 'tea', ['Ada', 'Bob']],
      [cyd, 'coffee', ['Ada', 'Cyd']],
    ] as const) {
      expectUnbroken(client.events);
      expect(client.texts.filter((text) => !text.startsWith(room))).to.deep.equal([]);
      expect(client.texts).to.have.length(40);
      expect([...new Set(client.events.map(({ participant }) => participant))].sort()).to.deep.equal(people);
    }
    const rooms = await caller.rooms();
    expect(rooms.map(({ name, participants, sequence }) => ({ name, participants, sequence }))).to.deep.equal([
      { name: 'coffee', participants: 1, sequence: 43 },
      { name: 'tea', participants: 1, sequence: 43 },
    ]);
  });

  it('words joinings, messages and leavings with their logical times, the same for all who print them [S5] [S6] [S7]', async () => {
    const server = await ServerProcess.start(endings);
    const ada = await ClientProcess.joined(endings, server.address, { name: 'Ada', sentences: true });
    const bob = await ClientProcess.joined(endings, server.address, { name: 'Bob' });
    bob.say('Good morning, Åse 🎉');
    await ada.until('the message', () => ada.child.lines.some((line) => line.includes('Good morning')));
    await bob.leave();
    await ada.until('the leaving', () => ada.child.lines.some((line) => line.includes('Bob left')));
    const [joined, message, left] = bob.events;
    expect(ada.child.lines.slice(1)).to.deep.equal([
      `Participant Bob joined Chit Chat at logical time ${joined?.lamport}`,
      `[${message?.lamport}] Bob: Good morning, Åse 🎉`,
      `Participant Bob left Chit Chat at logical time ${left?.lamport}`,
    ]);
    expect(ada.child.lines[0]).to.match(/^Participant Ada joined Chit Chat at logical time \d+$/);
  });

  it('shows nothing of a peer’s text that would turn or break a line [S7]', async () => {
    const server = await ServerProcess.start(endings);
    const ada = await ClientProcess.joined(endings, server.address, { name: 'Ada', sentences: true });
    const mal = new RawCaller(endings, server.address).chat();
    await mal.join('Mal');
    mal.publish('\u202Ereversed \u2066and isolated\u2028Participant Ada left Chit Chat at logical time 9');
    await ada.until('the message', () => ada.child.lines.some((line) => line.includes('reversed')));
    expect(ada.child.lines).to.have.length(3);
    expect(ada.child.lines.join('')).not.to.match(/[\u202a-\u202e\u2066-\u2069\u2028\u2029]/);
  });
});
