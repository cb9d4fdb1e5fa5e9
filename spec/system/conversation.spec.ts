import { expect } from 'chai';
import { chainStart } from '../../lib/core/chain.js';
import { ClientProcess, type PrintedEvent } from './client-process.js';
import { endedAfterAll } from './endings.js';
import type { JournalRecord } from './journal-records.js';
import { ServerProcess } from './server-process.js';
import { expectSameWhereCommon, expectUnbroken } from './transcript.js';

const each = 60;

function texts(name: string, count = each): string[] {
  return Array.from({ length: count }, (_, index) => `${name} says number ${index + 1} 🎉`);
}

describe('a conversation of four client processes, of whom one joins late, one leaves and one is killed', () => {
  const endings = endedAfterAll();
  let server: ServerProcess;
  let ada: ClientProcess;
  let bob: ClientProcess;
  let cyd: ClientProcess;
  let dan: ClientProcess;
  let clients: readonly ClientProcess[];
  let exitCodes: unknown[];

  before(async function () {
    this.timeout(60_000);
    server = await ServerProcess.start(endings, { args: ['--log-level', 'debug', '--grace', '500ms'] });
    const join = (name: string) => ClientProcess.joined(endings, server.address, { name });
    ada = await join('Ada');
    [bob, cyd] = await Promise.all([join('Bob'), join('Cyd')]);
    ada.say(...texts('Ada').slice(0, 40));
    bob.say(...texts('Bob').slice(0, 40));
    cyd.say(...texts('Cyd', 10_000));
    await ada.heard('Cyd says number 10 🎉');
    dan = await join('Dan');
    clients = [ada, bob, cyd, dan];
    // On a machine in a hurry the others may have said all of that by now; Cyd never has.
    ada.say(...texts('Ada').slice(40));
    bob.say(...texts('Bob').slice(40));
    dan.say(...texts('Dan', 20));
    const bobLeft = bob.leave();
    await dan.told('left', 'Bob', 30_000);
    await dan.heard('Dan says number 20 🎉', 30_000);
    await cyd.kill();
    await Promise.all([ada.told('left', 'Cyd'), dan.told('left', 'Cyd')]);
    dan.say('Dan is still here');
    await ada.heard('Dan is still here');
    const adaLeft = ada.leave();
    await dan.told('left', 'Ada', 30_000);
    exitCodes = [await adaLeft, await bobLeft, await dan.leave(), await server.stop()];
  });

  const remaining = () => [ada, dan];
  const sends = (client: ClientProcess) => client.records().filter(({ event }) => event === 'send');
  const receipts = (client: ClientProcess) => client.records().filter(({ event }) => event === 'receive');
  const of = (kind: PrintedEvent['kind'], participant: string) => (event: PrintedEvent) =>
    event.kind === kind && event.participant === participant;

  it('runs one server and each client as an operating system process of its own, which end as asked [S2] [T5]', () => {
    expect(new Set([server, ...clients].map(({ child }) => child.pid)).size).to.equal(5);
    expect(exitCodes).to.deep.equal([0, 0, 0, 0]);
  });

  it('brings every message to everybody in the room, its author included, each once and in its author’s order [S3] [S4] [T5]', () => {
    for (const client of remaining()) {
      const heard = client.events.filter(({ kind }) => kind === 'message');
      for (const name of ['Ada', 'Bob', 'Cyd', 'Dan']) {
        const from = heard.filter(({ participant }) => participant === name).map(({ text }) => text);
        // Whoever came late has not been told of what was said before.
        const first = Number(/number (\d+)/.exec(from[0] ?? '')?.[1]);
        if (client === ada) expect(first).to.equal(1);
        const said = texts(name, 10_000).slice(first - 1, first - 1 + from.length);
        if (name === 'Dan') said.splice(-1, 1, 'Dan is still here');
        expect(from, `what ${client.name} heard of ${name}`).to.deep.equal(said);
      }
    }
    expect(ada.events.filter(of('message', 'Ada'))).to.have.length(each);
    expect(ada.events.filter(of('message', 'Bob'))).to.have.length(each);
    expect(ada.events.filter(of('message', 'Dan'))).to.have.length(21);
    expect(ada.events.filter(of('message', 'Cyd'))).to.have.length.within(10, 9_999);
  });

  it('tells everybody of a joining once, the newcomer included, also of one in the middle of the talk [S5] [T5]', () => {
    for (const client of clients) {
      expect(client.events.filter(of('joined', 'Dan')), client.name).to.have.length(1);
      expect(client.events.filter(of('joined', client.name)), client.name).to.have.length(1);
    }
    const [first] = dan.events;
    expect(first).to.include({ kind: 'joined', participant: 'Dan' });
    expect(first?.sequence).to.be.greaterThan(10);
    expect(dan.events.some(of('message', 'Ada')), 'Ada speaks after Dan has joined').to.equal(true);
  });

  it('tells everybody who remains once of one who leaves and of one who is killed, after all they said [S6] [T5]', () => {
    for (const client of remaining()) {
      for (const [name, reason] of [
        ['Bob', 'ASKED'],
        ['Cyd', 'CONNECTION_LOST'],
      ] as const) {
        const left = client.events.filter(of('left', name));
        expect(
          left.map((event) => event.reason),
          `${client.name} of ${name}`,
        ).to.deep.equal([reason]);
        const last = client.events.findLast(({ participant }) => participant === name);
        expect(last, 'nothing comes of somebody who has left').to.equal(left[0]);
      }
    }
  });

  it('gives everybody the same events in the same order at the same, rising logical times [S4] [S8] [T5]', () => {
    for (const client of clients) expectUnbroken(client.events);
    expectUnbroken(ada.events, { sequence: 0, chain: chainStart });
    expectSameWhereCommon([ada.events, bob.events, cyd.events, dan.events]);
  });

  it('stamps each message later than its author’s clock was at the sending [S8]', () => {
    for (const client of clients) {
      const sent = sends(client);
      expect(sent).to.have.length.greaterThan(10);
      for (const { ordinal, lamport } of sent) {
        const event = ada.events.find((told) => told.participant === client.name && told.ordinal === ordinal);
        // What was under way when its author was killed may never have arrived.
        if (!event && client === cyd && ordinal === sent.at(-1)?.ordinal) continue;
        expect(event?.lamport, `${client.name}'s number ${ordinal}`).to.be.greaterThan(lamport ?? Number.NaN);
      }
    }
  });

  it('stamps each event max(room, sender) + 1, and no later [S8]', () => {
    const sentAt = new Map(
      clients.flatMap((client) => sends(client).map(({ ordinal, lamport }) => [`${client.name} ${ordinal}`, lamport])),
    );
    let room = 0;
    for (const event of ada.events) {
      const sender = event.kind === 'message' ? sentAt.get(`${event.participant} ${event.ordinal}`) : undefined;
      if (event.kind === 'message' && room > 0) {
        // A killed client's log may lack its newest records.
        if (sender !== undefined) expect(event.lamport).to.equal(Math.max(room, sender) + 1);
        else expect(event.participant).to.equal('Cyd');
      }
      room = event.lamport;
    }
  });

  it('ticks a client’s clock before each sending and sets it to max(own, received) + 1 by each receiving [S8]', () => {
    for (const client of clients) {
      let clock = 0;
      for (const record of client.records()) {
        if (['connect', 'send', 'send-leave'].includes(record.event)) {
          clock += 1;
          expect(record.lamport, record.event).to.equal(clock);
        } else if (record.event === 'receive') {
          clock = Math.max(clock, record.lamport ?? Number.NaN) + 1;
          expect(record.clock, `after ${record.sequence}`).to.equal(clock);
        }
      }
      expect(clock).to.be.greaterThan(each);
    }
  });

  it('shows and logs the content and the logical time of every event that a client receives [S7]', () => {
    const facts = ({ sequence, lamport, kind, participant, text, clock }: PrintedEvent | JournalRecord) => ({
      sequence,
      lamport,
      kind,
      participant,
      text,
      clock,
    });
    for (const client of [ada, bob, dan]) {
      expect(receipts(client).map(facts), client.name).to.deep.equal(client.events.map(facts));
    }
    const logged = receipts(cyd).map(facts);
    const shown = cyd.events.map(facts);
    const both = Math.min(logged.length, shown.length);
    expect(both).to.be.greaterThan(10);
    expect(logged.slice(0, both)).to.deep.equal(shown.slice(0, both));
  });

  it('serves each connection by an actor of its own, of which the server sees the start and the one end [T1] [T3]', () => {
    const peers = (event: string) =>
      server
        .records()
        .filter((record) => record.event === event)
        .map(({ peer }) => peer);
    expect(new Set(peers('connect')).size).to.equal(4);
    expect(peers('connect')).to.have.length(4);
    expect(peers('disconnect').sort()).to.deep.equal(peers('connect').sort());
    const gone = server
      .records()
      .filter(({ event }) => event === 'disconnect')
      .map(({ participant }) => participant);
    expect(gone.sort()).to.deep.equal(['Ada', 'Bob', 'Cyd', 'Dan']);
  });

  it('logs start and stop, each joining and leaving, each delivery and each call of the server [T3]', () => {
    const count = (name: string) => server.records().filter(({ event }) => event === name).length;
    expect(count('server-started')).to.equal(1);
    expect(count('server-stopped')).to.equal(1);
    expect(count('broadcast-join')).to.equal(4);
    expect(count('broadcast-leave')).to.equal(4);
    expect(count('call-started')).to.equal(4);
    expect(count('call')).to.equal(4);
    const newest = dan.events.at(-1)?.sequence ?? 0;
    let next = 1;
    for (const { event, sequence, ...more } of server.records()) {
      if (event !== 'delivery') continue;
      expect(sequence).to.equal(next);
      next = more.last ?? Number.NaN;
      next += 1;
    }
    expect(next, 'every event was delivered').to.be.greaterThan(newest);
  });

  it('logs when, where, what and about whom in each record of the server [T4]', () => {
    const needed: Record<string, readonly (keyof JournalRecord)[]> = {
      connect: ['peer'],
      disconnect: ['peer', 'participant', 'session', 'room'],
      'broadcast-join': ['participant', 'session', 'room', 'sequence', 'lamport'],
      'broadcast-leave': ['participant', 'session', 'room', 'sequence', 'lamport'],
      delivery: ['room', 'sequence', 'last', 'lamport', 'logId', 'chain', 'participants'],
      call: ['method', 'peer', 'code'],
    };
    const seen = new Set<string>();
    for (const record of server.records()) {
      seen.add(record.event);
      expect(record.component).to.equal('server');
      expect(new Date(record.time).toISOString()).to.equal(record.time);
      expect(record).to.include.keys(...(needed[record.event] ?? ['event']));
    }
    expect([...seen]).to.include.members(Object.keys(needed));
    for (const { event, participant, lamport, sequence } of server.records()) {
      if (event !== 'broadcast-join' && event !== 'broadcast-leave') continue;
      const told =
        dan.events.find((one) => one.sequence === sequence) ?? ada.events.find((one) => one.sequence === sequence);
      if (told) expect(told).to.include({ participant, lamport, kind: event === 'broadcast-join' ? 'joined' : 'left' });
    }
  });

  it('logs when, where, what and about whom in each record of a client [T3] [T4]', () => {
    const needed: Record<string, readonly (keyof JournalRecord)[]> = {
      connect: ['participant', 'room', 'lamport'],
      send: ['participant', 'room', 'lamport', 'ordinal', 'text'],
      receive: ['participant', 'room', 'sequence', 'lamport', 'clock', 'kind'],
      'send-leave': ['participant', 'room', 'lamport'],
      disconnect: ['participant', 'room'],
    };
    for (const client of clients) {
      for (const record of client.records()) {
        expect(record.component).to.equal('client');
        expect(new Date(record.time).toISOString()).to.equal(record.time);
        expect(record).to.include.keys(...(needed[record.event] ?? ['event']));
      }
    }
    for (const client of [ada, bob, dan]) {
      expect([...new Set(client.records().map(({ event }) => event))]).to.include.members(Object.keys(needed));
    }
  });

  it('tells nobody’s session id in a log, for it is the key to speak as that participant [T4]', () => {
    const session = /[a-z0-9._-]+:[\w-]{22}(?![\w-])/;
    expect(server.child.errorLines.filter((line) => session.test(line))).to.deep.equal([]);
    for (const client of clients) expect(client.logText()).not.to.match(session);
  });
});
