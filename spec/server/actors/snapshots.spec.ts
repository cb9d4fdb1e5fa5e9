import { expect } from 'chai';
import { decodeEvent } from '../../../lib/codec/event-codec.js';
import type { Command } from '../../../lib/core/command.js';
import type { Entry } from '../../../lib/core/event.js';
import { defaultLimits, type Limits } from '../../../lib/core/limits.js';
import { pairsPerPart } from '../../../lib/core/ordinals.js';
import {
  emptyRoom,
  evolve,
  type RoomState,
  restoreRoom,
  type Snapshot,
  snapshotOf,
} from '../../../lib/core/room-state.js';
import { atOnce } from '../../../lib/core/slices.js';
import { rebuildState } from '../../../lib/server/actors/room-opening.js';
import type { EventLog, Group } from '../../../lib/server/log/event-log.js';
import { LmdbLog } from '../../../lib/server/log/lmdb/lmdb-log.js';
import { MemoryLog } from '../../../lib/server/log/memory-log.js';
import { decideGroup, snapshotGroup } from '../../../lib/server/room/decide-group.js';
import type { PendingCommand } from '../../../lib/server/room/pending.js';
import { comparable } from '../../core/comparable.js';
import { Random } from '../../simulation/random.js';
import { temporaryDirectories } from '../log/temporary-directory.js';

const room = 'lobby';
const names = ['Ada', 'Bob', 'Cyd', 'Dan', 'Eve'];

/** A room that goes through a seed's script: its state, and everything that became durable. */
class ScriptedRoom {
  readonly #random: Random;
  readonly #limits: Limits;
  readonly #entries: Entry[] = [];
  readonly #ordinals = new Map<string, number>();
  #sessions = 0;
  state: RoomState = emptyRoom(room);

  constructor(random: Random, limits: Limits) {
    this.#random = random;
    this.#limits = limits;
  }

  /** The next group; none where nothing became an event. */
  group(): Group | undefined {
    const commands: Command[] = [];
    const count = this.#random.pick([1, 7, 90]);
    while (commands.length < count) commands.push(this.#draft());
    const pending = commands.map((command): PendingCommand => ({ command }));
    return decideGroup(this.state, pending, this.#limits).group;
  }

  written(group: Group): void {
    this.#entries.push(...group.entries);
  }

  /** What replaying everything gives. */
  replayed(): RoomState {
    const state = emptyRoom(room);
    for (const entry of this.#entries) evolve(state, entry, this.#limits);
    return state;
  }

  #draft(): Command {
    const name = this.#random.pick(names);
    const present = this.state.byName.get(name);
    const sent = { senderLamport: 0, newestLamport: 0, timeMs: 1_700_000_000_000 };
    if (!present) {
      this.#sessions += 1;
      return { kind: 'join', name, session: `${room}:${this.#sessions}`, resumable: this.#random.chance(0.5), ...sent };
    }
    const session = present.id;
    if (this.#random.chance(0.004)) return { kind: 'leave', session, reason: 'ASKED', ...sent };
    const ordinal = (this.#ordinals.get(session) ?? 0) + this.#random.pick([1, 1, 1, 2, 300]);
    this.#ordinals.set(session, ordinal);
    return { kind: 'publish', session, text: 'x', ordinal, seen: 0, ...sent };
  }
}

describe('Snapshots of a room', function () {
  this.timeout(60_000);
  const newDirectory = temporaryDirectories();

  /** Appends, restarts and lost writes, in an order that `seed` decides; looks at the state after each restart. */
  async function restarts(
    log: EventLog,
    seed: number,
    rounds: number,
  ): Promise<{ snapshots: number; replayed: number }> {
    const random = new Random(seed);
    const limits: Limits = {
      ...defaultLimits,
      snapshotEveryEvents: random.pick([1, 50, 400]),
      ordinalsRememberedMax: random.pick([20, 64, 100, 300]),
      endedOrdinalsRememberedMax: random.pick([1, 150, 1_000]),
    };
    const script = new ScriptedRoom(random, limits);
    let snapshots = 0;
    let replayed = 0;
    const startAgain = () => {
      if (!log.head(room)) script.state = emptyRoom(room);
      else {
        const recovery = atOnce(log.recover(room));
        const replay = [...recovery.entries].length;
        expect(replay).to.be.lessThan(limits.snapshotEveryEvents + 2 * 90);
        replayed += replay;
        script.state = atOnce(rebuildState(log, room, limits));
      }
      expect(comparable(script.state), `seed ${seed}`).to.deep.equal(comparable(script.replayed()));
    };
    for (let round = 0; round < rounds; round += 1) {
      const group = random.chance(0.03) ? snapshotGroup(script.state) : script.group();
      if (group && random.chance(0.95)) {
        await log.append(group);
        script.written(group);
        if (group.snapshot) snapshots += 1;
        if (random.chance(0.1)) startAgain();
      } else startAgain();
    }
    startAgain();
    // Nothing is stored that nobody needs, once all that waits for its turn has had it.
    await log.append(snapshotGroup(script.state) ?? { room, entries: [], participants: 0, ...closing(script.state) });
    // Two more snapshots: what the newest needs no more, the one before it may.
    for (let times = 0; times < 2; times += 1) script.state.snapshots.snapshotTaken(script.state.position.sequence);
    await log.append({ room, entries: [], participants: 0, ...closing(script.state) });
    const needed = [
      ...script.state.sessions.values(),
      ...[...script.state.ended.entries()].map(([, ordinals]) => ({ ordinals })),
    ];
    expect(atOnce(log.recover(room)).parts.map(({ through }) => through)).to.deep.equal(
      needed.flatMap(({ ordinals }) => ordinals.partsThrough()).sort((a, b) => a - b),
    );
    return { snapshots, replayed };
  }

  function closing(state: RoomState): Pick<Group, 'snapshot' | 'parts' | 'unneededParts'> {
    return {
      snapshot: snapshotOf(state),
      parts: state.snapshots.nextUnwritten(Number.POSITIVE_INFINITY),
      unneededParts: state.snapshots.nextUnneeded(Number.POSITIVE_INFINITY),
    };
  }

  it('with what was said since them give the state that replaying everything gives, wherever a server starts again [P5] [P8]', async () => {
    let [snapshots, replayed] = [0, 0];
    for (let seed = 1; seed <= 60; seed += 1) {
      const run = await restarts(new MemoryLog(defaultLimits), seed, 150);
      snapshots += run.snapshots;
      replayed += run.replayed;
    }
    expect(snapshots).to.be.greaterThan(500);
    expect(replayed).to.be.greaterThan(500);
  });

  it('do so in a store on disk', async () => {
    for (let seed = 101; seed <= 106; seed += 1) {
      const log = LmdbLog.open(newDirectory(), { decode: decodeEvent, durability: 'process' });
      await restarts(log, seed, 150);
      await log.close();
    }
  });

  it('take no more than some hundred bytes a session, however much is remembered', () => {
    const state = emptyRoom(room);
    const limits = { ordinalsRememberedMax: 1024, endedOrdinalsRememberedMax: 4096 };
    let sequence = 0;
    const stamped = (participant: string) => {
      sequence += 1;
      return { sequence, lamport: sequence, timeMs: 0, participant, chain: '0123456789abcdef' };
    };
    const crowd = Array.from({ length: 40 }, (_, index) => `P${index}`);
    for (const name of crowd) {
      evolve(
        state,
        { event: { kind: 'joined', ...stamped(name) }, sessionStart: { session: name, resumable: true } },
        limits,
      );
    }
    for (let ordinal = 1; ordinal <= 1_100; ordinal += 1) {
      for (const name of crowd) {
        evolve(state, { event: { kind: 'message', text: 'x', ordinal, seen: 0, ...stamped(name) } }, limits);
      }
    }
    expect(JSON.stringify(snapshotOf(state)).length / crowd.length).to.be.lessThan(300);
    expect([...state.sessions.values()].map(({ ordinals }) => ordinals.count)).to.deep.equal(crowd.map(() => 1024));
  });

  it('of an earlier program, with all ordinals in them, are taken over part by part, and only then written anew [P5]', () => {
    const said = 3 * pairsPerPart + 5;
    const sessions = Array.from({ length: 900 }, (_, index) => ({
      id: `${room}:${index}`,
      name: `P${index}`,
      resumable: true,
      ordinals: Array.from({ length: said }, (_, at) => [at + 1, at * 1_000 + index + 1] as const),
    }));
    const earlier: Snapshot = {
      place: { sequence: 200_000, lamport: 200_000, chain: '0123456789abcdef' },
      sessions: sessions.slice(1),
      ended: sessions.slice(0, 1).map(({ id, ordinals }) => ({ id, ordinals })),
    };
    const state = atOnce(restoreRoom(room, earlier, []));
    const publish = (ordinal: number): PendingCommand => ({
      command: {
        kind: 'publish',
        session: `${room}:1`,
        text: 'x',
        ordinal,
        seen: 0,
        senderLamport: 0,
        newestLamport: 0,
        timeMs: 0,
      },
    });
    const limits = { ...defaultLimits, snapshotEveryEvents: 1 };
    const groups = [1, 2, 3, 4].map((more) => decideGroup(state, [publish(said + more)], limits).group);
    expect(groups.map((group) => group?.parts?.length)).to.deep.equal([1024, 1024, 2700 - 2048, 0]);
    expect(groups.map((group) => group?.snapshot?.place.sequence)).to.deep.equal([
      undefined,
      undefined,
      200_003,
      200_004,
    ]);
    const parts = groups.flatMap((group) => group?.parts ?? []).sort((a, b) => a.through - b.through);
    const again = atOnce(restoreRoom(room, groups[3]?.snapshot, parts));
    expect(comparable(again)).to.deep.equal(comparable(state));
    expect(again.sessions.get(`${room}:7`)?.ordinals.sequenceOf(150)).to.equal(149_008);
    expect(again.ended.sequenceOf(`${room}:0`, said)).to.equal((said - 1) * 1_000 + 1);
  });
});
