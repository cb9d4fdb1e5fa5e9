import { expect } from 'chai';
import { chainStart, nextChain } from '../../../lib/core/chain.js';
import { decodeRemembered, pairsPerPart } from '../../../lib/core/ordinals.js';
import { snapshotOf } from '../../../lib/core/room-state.js';
import { atOnce } from '../../../lib/core/slices.js';
import type { EventLog } from '../../../lib/server/log/event-log.js';
import { comparable, eventsAfter, eventsOf, RoomScript, recoveredState } from './room-script.js';

/** What every event log owes. `open` gives an empty one. */
export function itIsAnEventLog(open: () => EventLog | Promise<EventLog>): void {
  let log: EventLog;
  let lobby: RoomScript;

  beforeEach(async () => {
    log = await open();
    lobby = new RoomScript('lobby');
  });

  afterEach(() => log.close());

  async function append(script: RoomScript, entries: ReturnType<RoomScript['talk']>, snapshot = false) {
    await log.append(script.group(entries, { snapshot }));
    return entries;
  }

  it('knows no room before the first append', () => {
    expect(log.heads()).to.deep.equal([]);
    expect(log.head('lobby')).to.equal(undefined);
    expect(log.read('lobby', 0, 10)).to.equal(undefined);
    expect(log.chainAt('lobby', 1)).to.equal(undefined);
    expect(log.chainAt('lobby', 0)).to.equal(chainStart);
    expect(log.oldest('lobby')).to.equal(1);
    expect(() => atOnce(log.recover('lobby'))).to.throw(RangeError);
  });

  it('reads what was appended, in order and byte for byte [P1] [P2]', async () => {
    const entries = await append(lobby, [lobby.join('Ada'), lobby.say('Ada', 'grüße 🎉'), lobby.leave('Ada')]);
    const run = log.read('lobby', 0, 100);
    expect(run?.first).to.equal(1);
    expect(run?.last).to.equal(3);
    expect(run?.bytes.equals(Buffer.concat(entries.map(({ bytes }) => bytes)))).to.equal(true);
    expect(eventsAfter(log, 'lobby', 0)).to.deep.equal(eventsOf(entries));
  });

  it('reads pages of any size from any place, without gap or repeat [P3]', async () => {
    const entries = [lobby.join('Ada'), ...lobby.talk('Ada', 49)];
    for (let at = 0; at < entries.length; at += 9) await append(lobby, entries.slice(at, at + 9));
    for (const page of [1, 7, 50, 1000]) {
      expect(eventsAfter(log, 'lobby', 0, page)).to.deep.equal(eventsOf(entries));
      expect(eventsAfter(log, 'lobby', 33, page)).to.deep.equal(eventsOf(entries.slice(33)));
    }
    expect(log.read('lobby', 33, 7)?.last).to.equal(40);
  });

  it('reads no more bytes than asked for, but one event at least, in a buffer of their own [P3] [P12]', async () => {
    const entries = [lobby.join('Ada'), ...lobby.talk('Ada', 9)];
    await append(lobby, entries);
    const length = (from: number, to: number) =>
      Buffer.concat(entries.slice(from, to).map(({ bytes }) => bytes)).length;
    const run = log.read('lobby', 2, 100, length(2, 6) + 1);
    expect(run).to.include({ first: 3, last: 6 });
    expect(run?.bytes.length).to.equal(length(2, 6));
    expect(log.read('lobby', 2, 100, length(2, 6))).to.include({ last: 6 });
    expect(log.read('lobby', 2, 2, length(2, 6))).to.include({ last: 4 });
    expect(log.read('lobby', 2, 100, 1)).to.include({ first: 3, last: 3 });
    expect(log.read('lobby', 10, 100, 1)).to.equal(undefined);
  });

  it('reads nothing at its end, beyond it, or when asked for nothing', async () => {
    await append(lobby, [lobby.join('Ada')]);
    expect(log.read('lobby', 1, 10)).to.equal(undefined);
    expect(log.read('lobby', 99, 10)).to.equal(undefined);
    expect(log.read('lobby', 0, 0)).to.equal(undefined);
  });

  it('shows nothing of an append before it has resolved [P4]', async () => {
    await append(lobby, [lobby.join('Ada')]);
    const appended = log.append(lobby.group(lobby.talk('Ada', 3)));
    expect(log.head('lobby')?.place.sequence).to.equal(1);
    expect(log.read('lobby', 1, 10)).to.equal(undefined);
    expect(log.chainAt('lobby', 2)).to.equal(undefined);
    expect([...atOnce(log.recover('lobby')).entries]).to.have.length(1);
    await appended;
    expect(log.head('lobby')?.place.sequence).to.equal(4);
    expect(log.read('lobby', 1, 10)?.last).to.equal(4);
  });

  it('gives the chain at every sequence it reaches to [P11]', async () => {
    const entries = await append(lobby, [lobby.join('Ada'), ...lobby.talk('Ada', 5)]);
    expect(entries.map(({ event }) => log.chainAt('lobby', event.sequence))).to.deep.equal(
      entries.map(({ event }) => event.chain),
    );
    expect(log.chainAt('lobby', 0)).to.equal(chainStart);
    expect(log.chainAt('lobby', 7)).to.equal(undefined);
  });

  it('keeps a head for each room, by name, with places and participants', async () => {
    const annex = new RoomScript('annex');
    await append(lobby, [lobby.join('Ada'), lobby.join('Bob')]);
    await append(annex, [annex.join('Cyd')]);
    await append(lobby, [lobby.leave('Bob')]);
    expect(log.heads().map(({ room }) => room)).to.deep.equal(['annex', 'lobby']);
    const head = log.head('lobby');
    expect(head?.place).to.deep.equal(lobby.state.position);
    expect(head?.participants).to.equal(1);
    expect(log.heads()[1]).to.deep.equal(head);
  });

  it('gives each room a log id of its own that stays [P11]', async () => {
    const annex = new RoomScript('annex');
    await append(lobby, [lobby.join('Ada')]);
    await append(annex, [annex.join('Ada')]);
    const id = log.head('lobby')?.logId;
    await append(lobby, [lobby.leave('Ada')]);
    expect(log.head('lobby')?.logId).to.equal(id);
    expect(id).to.have.length.greaterThan(15);
    expect(log.head('annex')?.logId).not.to.equal(id);
    for (const head of log.heads()) expect(head.logIdAfter ?? 0, 'it began with the room').to.equal(0);
  });

  it('keeps rooms apart whose names begin alike', async () => {
    const names = ['a', 'a.', 'a-', 'aa', 'a0', 'b'];
    const rooms = names.map((name) => new RoomScript(name));
    for (const room of rooms) await append(room, [room.join('Ada'), ...room.talk('Ada', 3, room.state.room)]);
    for (const room of rooms) {
      const texts = eventsAfter(log, room.state.room, 1).map((event) => event.kind === 'message' && event.text);
      expect(texts).to.deep.equal(Array(3).fill(room.state.room));
    }
  });

  it('takes appends of many rooms at once', async () => {
    const rooms = Array.from({ length: 40 }, (_, number) => new RoomScript(`room-${number}`));
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(
        rooms.map((room) => append(room, round === 0 ? [room.join('Ada')] : room.talk('Ada', (round * 7) % 11))),
      );
    }
    for (const room of rooms)
      expect(comparable(recoveredState(log, room.state.room))).to.deep.equal(comparable(room.state));
  });

  it('refuses a group that leaves a gap, repeats, or is empty, and stays as it was [P1]', async () => {
    const [first, ...rest] = [lobby.join('Ada'), ...lobby.talk('Ada', 3)];
    await append(lobby, first ? [first] : []);
    const before = log.head('lobby');
    const annex = new RoomScript('annex');
    const good = log.append(annex.group([annex.join('Bob')]));
    for (const wrong of [rest.slice(1), first ? [first] : [], [...rest.slice(0, 1), ...rest.slice(2)], []]) {
      const error = await log.append(lobby.group(wrong)).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(RangeError);
    }
    await good;
    expect(log.head('lobby')).to.deep.equal(before);
    expect(log.read('lobby', 1, 10)).to.equal(undefined);
  });

  it('keeps numbers up to 2^53 - 1 exact', async () => {
    const { event, ...entry } = lobby.join('Ada');
    const stamped = { ...event, lamport: Number.MAX_SAFE_INTEGER, timeMs: Number.MAX_SAFE_INTEGER };
    const large = { ...stamped, chain: nextChain(chainStart, stamped) };
    const bytes = Buffer.from(JSON.stringify(large));
    await log.append({ room: 'lobby', entries: [{ ...entry, event: large, bytes }], participants: 1 });
    expect(log.head('lobby')?.place.lamport).to.equal(Number.MAX_SAFE_INTEGER);
    expect([...atOnce(log.recover('lobby')).entries][0]?.event).to.deep.equal(large);
  });

  it('rebuilds the state from all entries when there is no snapshot [P8]', async () => {
    await append(lobby, [lobby.join('Ada', true), lobby.join('Bob'), ...lobby.talk('Ada', 600), lobby.leave('Ada')]);
    await append(lobby, [lobby.join('Ada')]);
    expect(atOnce(log.recover('lobby')).snapshot).to.equal(undefined);
    expect(comparable(recoveredState(log, 'lobby'))).to.deep.equal(comparable(lobby.state));
  });

  it('rebuilds the state from the newest snapshot and the entries after it [P5]', async () => {
    await append(lobby, [lobby.join('Ada', true), ...lobby.talk('Ada', 20)], true);
    await append(lobby, [lobby.join('Bob')]);
    await append(lobby, lobby.talk('Bob', 20), true);
    const snapshot = snapshotOf(lobby.state);
    await append(lobby, [...lobby.talk('Ada', 5), lobby.leave('Bob')]);
    const recovery = atOnce(log.recover('lobby'));
    expect(recovery.snapshot).to.deep.equal(snapshot);
    expect([...recovery.entries]).to.have.length(6);
    expect(recovery.head).to.deep.equal(log.head('lobby'));
    expect(comparable(recoveredState(log, 'lobby'))).to.deep.equal(comparable(lobby.state));
  });

  it('forgets a room that is removed, and makes another log id where it begins again [P11]', async () => {
    const annex = new RoomScript('annex');
    await append(annex, [annex.join('Bob'), ...annex.talk('Bob', 3)]);
    await append(lobby, [lobby.join('Ada'), ...lobby.talk('Ada', pairsPerPart)], true);
    expect(atOnce(log.recover('lobby')).parts).to.have.length(1);
    const before = log.head('lobby');
    const removed = log.remove('lobby');
    expect(log.head('lobby'), 'until it is durable').to.deep.equal(before);
    await removed;
    expect(log.heads().map(({ room }) => room)).to.deep.equal(['annex']);
    expect(log.head('lobby')).to.equal(undefined);
    expect(log.read('lobby', 0, 10)).to.equal(undefined);
    expect(log.chainAt('lobby', 1)).to.equal(undefined);
    expect(() => atOnce(log.recover('lobby'))).to.throw(RangeError);
    await log.remove('lobby');

    const anew = new RoomScript('lobby');
    await append(anew, [anew.join('Cyd')]);
    expect(log.head('lobby')?.logId).to.have.length.greaterThan(15).and.not.to.equal(before?.logId);
    expect(eventsAfter(log, 'lobby', 0).map(({ participant }) => participant)).to.deep.equal(['Cyd']);
    expect(atOnce(log.recover('lobby')).parts).to.be.empty;
    expect(comparable(recoveredState(log, 'lobby'))).to.deep.equal(comparable(anew.state));
    expect(comparable(recoveredState(log, 'annex'))).to.deep.equal(comparable(annex.state));
  });

  it('removes one room beside appends to others [P1]', async () => {
    const rooms = Array.from({ length: 20 }, (_, number) => new RoomScript(`room-${number}`));
    for (const room of rooms) await append(room, [room.join('Ada')]);
    const even = (number: number) => number % 2 === 0;
    await Promise.all(
      rooms.map((room, number) => (even(number) ? log.remove(room.state.room) : append(room, room.talk('Ada', 5)))),
    );
    expect(log.heads()).to.have.length(10);
    for (const [number, room] of rooms.entries()) {
      if (even(number)) expect(log.head(room.state.room)).to.equal(undefined);
      else expect(comparable(recoveredState(log, room.state.room))).to.deep.equal(comparable(room.state));
    }
  });

  it('removes nothing after it was closed', async () => {
    await append(lobby, [lobby.join('Ada')]);
    await log.close();
    const error = await log.remove('lobby').then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(Error).with.property('name', 'LogUnwritable');
  });

  it('keeps a newer snapshot of a room as it is, without an event, and nothing else so [P1]', async () => {
    await append(lobby, [lobby.join('Ada', true), ...lobby.talk('Ada', 20)]);
    const head = log.head('lobby');
    await log.append(lobby.group([], { snapshot: true }));
    expect(log.head('lobby')).to.deep.equal(head);
    expect(atOnce(log.recover('lobby')).snapshot).to.deep.equal(snapshotOf(lobby.state));
    expect([...atOnce(log.recover('lobby')).entries]).to.be.empty;
    expect(comparable(recoveredState(log, 'lobby'))).to.deep.equal(comparable(lobby.state));
    const snapshot = snapshotOf(lobby.state);
    const annex = new RoomScript('annex');
    lobby.talk('Ada', 1);
    for (const wrong of [lobby.group([], { snapshot: true }), annex.group([], { snapshot: true })]) {
      const error = await log.append(wrong).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(RangeError);
    }
    expect(log.head('annex')).to.equal(undefined);
    expect(atOnce(log.recover('lobby')).snapshot).to.deep.equal(snapshot);
  });

  it('keeps the parts of snapshots, of each room its own, oldest first, until they are dropped [P5]', async () => {
    const annex = new RoomScript('lobby-2');
    const talk = (script: RoomScript) => [script.join('Ada', true), ...script.talk('Ada', 3 * pairsPerPart)];
    await append(lobby, talk(lobby));
    await append(annex, talk(annex));
    const parts = (room: string) => atOnce(log.recover(room)).parts;
    expect(parts('lobby').map(({ through, session }) => [through, session])).to.deep.equal(
      [1, 2, 3].map((part) => [part * pairsPerPart + 1, 'lobby:Ada']),
    );
    const [oldest] = parts('lobby');
    expect(decodeRemembered(oldest?.pairs ?? '', 'latin1').sequences.at(-1)).to.equal(pairsPerPart + 1);
    const again = { session: 'lobby:Ada', through: pairsPerPart + 1, pairs: `${oldest?.pairs}\u0000ÿ`.slice(-9) };
    await log.append({
      ...lobby.group(lobby.talk('Ada', 1)),
      parts: [again],
      unneededParts: [2 * pairsPerPart + 1, 7],
    });
    expect(parts('lobby').map(({ through }) => through)).to.deep.equal([pairsPerPart + 1, 3 * pairsPerPart + 1]);
    expect(parts('lobby')[0]).to.deep.equal(again);
    expect(parts('lobby-2')).to.have.length(3);
  });

  it('recovers as of the call, whatever is appended while the entries are read', async () => {
    await append(lobby, [lobby.join('Ada'), ...lobby.talk('Ada', 9)]);
    const { entries } = atOnce(log.recover('lobby'));
    await append(lobby, lobby.talk('Ada', 3));
    expect([...entries]).to.have.length(10);
  });

  it('refuses appends after it was closed, and may be closed again', async () => {
    await append(lobby, [lobby.join('Ada')]);
    await log.close();
    const error = await log.append(lobby.group(lobby.talk('Ada', 1))).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(Error).with.property('name', 'LogUnwritable');
    await log.close();
  });

  it('writes what was appended before it was closed', async () => {
    const appended = log.append(lobby.group([lobby.join('Ada')]));
    await log.close();
    await appended;
  });
}
