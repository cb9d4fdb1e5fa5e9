import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import { openStore } from '../../../../lib/server/log/write-ahead/open-store.js';
import { openSegmentFile, Segment, segmentNames } from '../../../../lib/server/log/write-ahead/segment.js';
import { decodeSegment, encodeHeader, type Payload } from '../../../../lib/server/log/write-ahead/segment-format.js';
import { WriteAheadLog } from '../../../../lib/server/log/write-ahead/write-ahead-log.js';
import { editStore, withFlippedBit } from '../lmdb/stored-damage.js';
import { comparable, decode, eventsAfter, eventsOf, RoomScript, recoveredState } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';
import { leftByKill } from './acknowledged-rooms.js';
import { damageSegment, inSegment, leftStore } from './left-store.js';

describe('A store that a killed process has left, when it is opened', () => {
  const newDirectory = temporaryDirectories();
  let directory: string;
  let lobby: RoomScript;
  let annex: RoomScript;
  let lobbyEntries: ReturnType<RoomScript['talk']>;
  /** LMDB has the lobby up to event 10; the segments have the rest of it, and the annex. */
  beforeEach(async () => {
    lobby = new RoomScript('lobby');
    annex = new RoomScript('annex');
    lobbyEntries = [lobby.join('Ada', true), ...lobby.talk('Ada', 9, 'stored')];
    const more = ['first ahead', 'second ahead', 'third ahead'].map((text) => lobby.talk('Ada', 5, text));
    directory = await leftStore(
      newDirectory(),
      [[lobby, lobbyEntries]],
      [
        [lobby, more[0] ?? []],
        [annex, [annex.join('Bob'), ...annex.talk('Bob', 2, 'of the annex')]],
        [lobby, more[1] ?? []],
        [lobby, more[2] ?? []],
      ],
    );
    lobbyEntries.push(...more.flat());
  });

  interface Opened {
    readonly log: LmdbLog;
    readonly damaged: number;
    readonly renewed: readonly number[];
  }

  async function opened(restored = false): Promise<Opened> {
    const renewed: number[] = [];
    let damaged = 0;
    const log = await openStore(directory, {
      ...{ decode, restored },
      renewed: (rooms) => renewed.push(rooms),
      segmentsDamaged: () => {
        damaged += 1;
      },
    });
    return { log, damaged, renewed };
  }

  const idsOf = (log: LmdbLog) => log.heads().map(({ logId }) => logId);
  const leftSegments = () => segmentNames.filter((name) => existsSync(join(directory, name)));

  /** It is whole, and nothing was said of it. */
  async function expectWhole(): Promise<void> {
    const { log, damaged, renewed } = await opened();
    expect({ damaged, renewed }).to.deep.equal({ damaged: 0, renewed: [] });
    expect(leftSegments()).to.deep.equal([]);
    for (const [script, entries] of [
      [lobby, lobbyEntries],
      [annex, undefined],
    ] as const) {
      const { room } = script.state;
      if (entries) expect(eventsAfter(log, room, 0)).to.deep.equal(eventsOf(entries));
      expect(comparable(recoveredState(log, room))).to.deep.equal(comparable(script.state));
      expect(log.head(room)?.participants).to.equal(1);
    }
    await log.close();
    const again = await opened();
    expect(eventsAfter(again.log, 'lobby', 0)).to.have.length(25);
    await again.log.close();
  }

  it('has all that was acknowledged, and no segments any more [P4]', () => expectWhole());

  it('has the same log ids, also of a room that only the segments have, however often it is killed [P11]', async () => {
    const ids: string[][] = [];
    const segments = new Map(segmentNames.map((name) => [name, readFileSync(join(directory, name))]));
    for (let kill = 0; kill < 3; kill += 1) {
      const killed = directory;
      const { log } = await opened();
      ids.push(idsOf(log));
      // It was killed before the segments were removed.
      for (const name of segmentNames) writeFileSync(join(directory, name), segments.get(name) as Buffer);
      directory = leftByKill(killed);
      await log.close();
    }
    expect(new Set(ids.map(String)).size).to.equal(1);
    await expectWhole();
  });

  it('whose start was killed while LMDB took over goes on where that was [P4]', async () => {
    const log = LmdbLog.open(directory, { decode, durability: 'process' });
    await log.append({ room: 'lobby', entries: lobbyEntries.slice(10, 18), participants: 1 });
    const left = leftByKill(directory);
    await log.close();
    directory = left;
    await expectWhole();
  });

  it('loses nothing where a mark of a frame or a copy of its header is damaged', async () => {
    const { path, at } = inSegment(directory, 'second ahead');
    const bytes = readFileSync(path);
    const seed = decodeSegment(bytes).header?.seed as Buffer;
    const begin = bytes.lastIndexOf(seed, at);
    for (const place of [begin, begin + 9, begin + 13, 20]) bytes[place] = (bytes[place] as number) ^ 0x10;
    writeFileSync(path, bytes);
    await expectWhole();
  });

  it('says so where a frame is damaged that others follow, and no room keeps its log id [P1] [P11]', async () => {
    const before = await opened();
    const ids = idsOf(before.log);
    await before.log.close();
    for (const [text, lobbyHas] of [
      ['first ahead', 10],
      ['of the annex', 25],
      ['second ahead', 15],
      ['third ahead', 20],
    ] as const) {
      directory = await again();
      damageSegment(directory, text);
      const { log, damaged, renewed } = await opened();
      expect({ damaged, renewed }, text).to.deep.equal({ damaged: 1, renewed: [text === 'of the annex' ? 1 : 2] });
      expect(eventsAfter(log, 'lobby', 0), text).to.deep.equal(eventsOf(lobbyEntries.slice(0, lobbyHas)));
      for (const { room, logId, logIdAfter, place } of log.heads()) {
        expect(ids, `${text}: ${room}`).not.to.include(logId);
        expect(logIdAfter, 'the sessions of before are over').to.equal(place.sequence);
      }
      expect(leftSegments()).to.deep.equal([]);
      await log.close();
      const next = await opened();
      expect({ damaged: next.damaged, renewed: next.renewed }, 'once').to.deep.equal({ damaged: 0, renewed: [] });
      await next.log.close();
    }
  });

  /** A store like the one of before, LMDB's file as it was left, in a directory of its own. */
  async function again(): Promise<string> {
    const fresh = newDirectory();
    const scripts = [new RoomScript('lobby'), new RoomScript('annex')] as const;
    const [one, other] = scripts;
    return leftStore(
      fresh,
      [[one, [one.join('Ada', true), ...one.talk('Ada', 9, 'stored')]]],
      [
        [one, one.talk('Ada', 5, 'first ahead')],
        [other, [other.join('Bob'), ...other.talk('Bob', 2, 'of the annex')]],
        [one, one.talk('Ada', 5, 'second ahead')],
        [one, one.talk('Ada', 5, 'third ahead')],
      ],
    );
  }

  it('takes its last frame for one that was never acknowledged where that is partly there after a loss of power', async () => {
    const { path } = inSegment(directory, 'third ahead');
    damageSegment(directory, 'third ahead');
    const bytes = readFileSync(path);
    const { header } = decodeSegment(bytes);
    if (!header) throw new Error('it has no header');
    encodeHeader({ ...header, boot: 'another life of the machine' }).copy(bytes);
    writeFileSync(path, bytes);
    const { log, damaged, renewed } = await opened();
    expect({ damaged, renewed }).to.deep.equal({ damaged: 0, renewed: [] });
    expect(eventsAfter(log, 'lobby', 0)).to.deep.equal(eventsOf(lobbyEntries.slice(0, 20)));
    await log.close();
  });

  it('says so where the older one of two segments has lost its last frame, whatever was lost since [P1]', async () => {
    // The newer one was begun when all of the older one was written.
    const older = inSegment(directory, 'third ahead').path;
    const newer = segmentNames.map((name) => join(directory, name)).find((path) => path !== older) as string;
    const segment = new Segment(openSegmentFile(newer), { flushes: false, boot: 'another', growthBytes: 4096 });
    const frame = decodeSegment(readFileSync(older)).payloads[0] as Buffer;
    await segment.add(of(frame), 2);
    segment.close();
    const bytes = readFileSync(older);
    const { header } = decodeSegment(bytes);
    if (!header) throw new Error('it has no header');
    encodeHeader({ ...header, boot: 'another' }).copy(bytes);
    const end = bytes.lastIndexOf(header.seed);
    bytes.fill(0, end - 30, end + 16);
    writeFileSync(older, bytes);
    const { log, damaged } = await opened();
    expect(damaged).to.equal(1);
    await log.close();
  });

  // What was refused could not be erased, and what was acknowledged at its place came after it.
  it('says so where the segments have two things at one sequence [P1]', async () => {
    const fresh = new RoomScript('lobby');
    const other = newDirectory();
    const refused = [fresh.join('Ada', true), ...fresh.talk('Ada', 9, 'stored')];
    directory = await leftStore(other, [[fresh, refused]], [[fresh, fresh.talk('Ada', 3, 'never acknowledged')]]);
    const { path } = inSegment(directory, 'never acknowledged');
    const script = new RoomScript('lobby');
    const stored = [script.join('Ada', true), ...script.talk('Ada', 9, 'stored')];
    const acknowledged = await leftStore(
      newDirectory(),
      [[script, stored]],
      [[script, script.talk('Ada', 2, 'this was')]],
    );
    const payloads = decodeSegment(readFileSync(inSegment(acknowledged, 'this was').path)).payloads;
    const second = segmentNames.map((name) => join(directory, name)).find((each) => each !== path) as string;
    const segment = new Segment(openSegmentFile(second), { flushes: false, boot: '', growthBytes: 4096 });
    for (const payload of payloads) await segment.add(of(payload), 2);
    segment.close();
    const { log, damaged, renewed } = await opened();
    expect({ damaged, renewed }).to.deep.equal({ damaged: 1, renewed: [1] });
    await log.close();
  });

  it('goes on with no events of segments that do not follow from its own, as those of another store [P1]', async () => {
    const other = new RoomScript('lobby');
    const stored = [other.join('Ada', true), ...other.talk('Ada', 9, 'elsewhere')];
    const elsewhere = await leftStore(
      newDirectory(),
      [[other, stored]],
      [[other, other.talk('Ada', 3, 'ahead elsewhere')]],
    );
    for (const name of segmentNames) writeFileSync(join(directory, name), readFileSync(join(elsewhere, name)));
    const { log, damaged, renewed } = await opened();
    expect({ damaged, renewed }).to.deep.equal({ damaged: 1, renewed: [1] });
    expect(eventsAfter(log, 'lobby', 0)).to.deep.equal(eventsOf(lobbyEntries.slice(0, 10)));
    await log.close();
  });

  it("makes LMDB's damaged head anew and goes on from there with what is in the segments", async () => {
    await editStore(directory, ({ rooms }) => rooms.putSync('lobby', withFlippedBit(rooms.get('lobby'), 70)));
    await expectWhole();
  });

  it('does not take what LMDB has behind its head for something else than the segments have', async () => {
    const { log } = await opened();
    await log.close();
    const source = directory;
    directory = await again();
    const events: [[string, number], Buffer][] = [];
    await editStore(source, ({ events: all }) => {
      for (let sequence = 11; sequence <= 25; sequence += 1) {
        events.push([['lobby', sequence], all.get(['lobby', sequence]) as Buffer]);
      }
    });
    // A transaction that failed after all may have left them.
    await editStore(directory, ({ events: all, rooms }) => {
      for (const [key, value] of events) all.putSync(key, value);
      rooms.putSync('lobby', withFlippedBit(rooms.get('lobby'), 70));
    });
    await expectWhole();
  });

  for (const how of ['is said to be restored', 'says itself that it is a copy'] as const) {
    it(`that ${how} has other log ids of all rooms, those only in the segments too [P11]`, async () => {
      const original = directory;
      directory = leftByKill(original);
      const first = await opened();
      const ids = idsOf(first.log);
      await first.log.close();
      directory = original;
      if (how !== 'is said to be restored') await editStore(directory, ({ about }) => about.putSync('copy', true));
      const { log, damaged, renewed } = await opened(how === 'is said to be restored');
      expect({ damaged, renewed }).to.deep.equal({ damaged: 0, renewed: [2] });
      expect(new Set([...ids, ...idsOf(log)]).size).to.equal(4);
      expect(eventsAfter(log, 'lobby', 0)).to.deep.equal(eventsOf(lobbyEntries));
      expect(log.heads().map(({ logIdAfter, place }) => logIdAfter === place.sequence)).to.deep.equal([true, true]);
      await log.close();
      const next = await opened();
      expect(next.renewed).to.deep.equal([]);
      await next.log.close();
    });
  }

  it('is opened and written to by WriteAheadLog, with new segments', async () => {
    const { log: store } = await opened();
    const log = WriteAheadLog.open(directory, store, {
      ...{ decode, flushes: true, takeOverBytes: 1000, takeOverMs: 1000, waitingBytesMax: 100_000 },
    });
    await log.append(lobby.group(lobby.talk('Ada', 3)));
    expect(eventsAfter(log, 'lobby', 0)).to.have.length(28);
    await log.close();
    expect(leftSegments()).to.deep.equal([]);
  });
});

/** What is to be written of `bytes`. */
function of(bytes: Buffer): Payload {
  return { bytes: bytes.length, write: (target, from) => target.set(bytes, from) };
}
