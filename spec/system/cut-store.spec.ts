import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { connect } from '../../lib/client/index.js';
import { decodeEvent } from '../../lib/codec/event-codec.js';
import type { RoomEvent } from '../../lib/core/event.js';
import { leftoversIn } from '../../lib/server/log/write-ahead/leftovers.js';
import { withLimits } from '../client/with-limits.js';
import { RecordedVisit } from '../torture/recorded-visit.js';
import { checkDamaged } from '../torture/reported-losses.js';
import { HistoryRecorder } from '../trace/recorder.js';
import { Child } from './child.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { projectFile } from './project.js';
import { CallFailed, RawCaller } from './raw-caller.js';
import { readRoom } from './read-room.js';
import { expectStatus, refusal } from './refusal.js';
import { ServerProcess } from './server-process.js';
import { TcpProxy } from './tcp-proxy.js';

const room = 'lobby';

/** Damages the store where it holds `text`: one bit of it wherever it stands in the file. */
function damageText(data: string, text: string): void {
  const path = join(data, 'data.mdb');
  const file = readFileSync(path);
  let found = 0;
  for (let at = file.indexOf(text); at >= 0; at = file.indexOf(text, at + 1)) {
    file[at] = (file[at] as number) ^ 1;
    found += 1;
  }
  if (found === 0) throw new Error(`the store does not hold ${text}`);
  writeFileSync(path, file);
}

/** LMDB has all that was published: it took it over from the segments. */
async function takenOver(data: string): Promise<void> {
  await eventually('all is taken over', () => leftoversIn(data, decodeEvent)?.groups.length === 0);
}

describe('a store that was damaged and cut', function () {
  this.timeout(60_000);
  const endings = endedAfterEach();
  /** Recorded publishes of a session by calls of their own. */
  class Speaker {
    readonly #caller: RawCaller;
    readonly #visit: RecordedVisit;
    readonly session: string;

    constructor(caller: RawCaller, visit: RecordedVisit, session = visit.session) {
      this.#caller = caller;
      this.#visit = visit;
      this.session = session;
    }

    async publish(text: string, ordinal: number): Promise<{ event: RoomEvent; duplicate: boolean }> {
      const { record } = this.#visit;
      const name = { room, session: this.session, ordinal };
      const lamport = this.#visit.tick();
      record.send({ ...name, text, lamport, seen: 0 });
      try {
        const answer = await this.#caller.publish(this.session, text, ordinal, lamport);
        record.accepted({ ...name, ...answer });
        return answer;
      } catch (error) {
        if (error instanceof CallFailed && error.rejection) {
          record.refused({ ...name, reason: error.rejection.reason });
        }
        throw error;
      }
    }
  }

  async function start(data?: string) {
    const server = await ServerProcess.start(endings, data === undefined ? {} : { data });
    return { server, caller: new RawCaller(endings, server.address) };
  }

  /** What the check says that it did. */
  async function cut(data: string): Promise<string> {
    const check = new Child(endings, process.execPath, [projectFile('bin/chit-server'), 'check', '--cut', data]);
    expect(await check.ended).to.equal(1);
    return check.lines.join('\n');
  }

  it('has no session of before: each is told so by whatever it asks, and nothing but the reported loss is lost [P1] [P4] [P5] [P8] [P11]', async () => {
    const recorder = new HistoryRecorder();
    const { server, caller } = await start();
    const visits = ['Ada', 'Bob'].map((name) => {
      const record = recorder.client(name, { keepsClock: false });
      return new RecordedVisit(record, { name, room, resumable: true });
    });
    const [ada, bob] = visits as [RecordedVisit, RecordedVisit];
    for (const visit of visits) expect(await visit.enter(caller)).to.equal(true);
    const before = new Speaker(caller, ada);
    const kept = await before.publish('kept', 1);
    await before.publish('damaged-0001', 2);
    await before.publish('behind it', 3);
    await eventually('Bob has all', () => bob.sequence === 5);
    const { logId: firstId } = await caller.historyPage(room, 0);
    await takenOver(server.data);
    await server.kill();
    await eventually('both streams are lost', () => !ada.live && !bob.live);

    damageText(server.data, 'damaged-0001');
    const said = await cut(server.data);
    const [, keptTo, logId] = /^lobby ends at event (\d+) now, and has the new log id (\S+)\.$/m.exec(said) ?? [];
    expect(keptTo, said).to.equal('3');

    const { caller: again } = await start(server.data);
    const late = new Speaker(again, ada, before.session);
    // One that was published and is cut off, one that is new, and one that was kept.
    for (const [text, ordinal] of [
      ['behind it', 3],
      ['late', 4],
    ] as const) {
      expectStatus(await refusal(late.publish(text, ordinal)), status.NOT_FOUND, 'SESSION_UNKNOWN', ordinal);
    }
    expect(await late.publish('kept', 1)).to.deep.equal({ event: kept.event, duplicate: true });
    expectStatus(await refusal(again.leave(late.session)), status.NOT_FOUND, 'SESSION_UNKNOWN');
    expect(await ada.enter(again), 'a resume').to.equal(false);
    expect(ada.rejections.map(({ reason }) => reason)).to.deep.equal(['HISTORY_LOST']);

    // Both come again as new sessions, over the sequences that were given up.
    expect(await bob.enter(again)).to.equal(false);
    for (const visit of visits) expect(await visit.enter(again)).to.equal(true);
    const anew = new Speaker(again, ada);
    await anew.publish('of the new log', 1);
    await eventually('Bob has all', () => bob.sequence === ada.sequence && bob.sequence === 8);
    for (const visit of visits) await visit.leave();
    const left = (await again.history()).flatMap((event) =>
      event.kind === 'left' ? `${event.sequence} ${event.participant} ${event.reason}` : [],
    );
    expect(left).to.deep.equal([
      ...['4 Ada SERVER_RESTARTED', '5 Bob SERVER_RESTARTED'],
      ...['9 Ada ASKED', '10 Bob ASKED'],
    ]);
    await readRoom(again, room, recorder);

    const seen = [
      { room, logId: firstId, life: 1 },
      { room, logId: logId ?? '', life: 2 },
    ];
    const losses = [{ room, keptTo: 3, life: 2 }];
    expect(checkDamaged(recorder.history(), losses, seen).map(({ message }) => message)).to.deep.equal([]);
    expect(checkDamaged(recorder.history(), [], seen), 'where nobody had reported it').not.to.deep.equal([]);
  });

  it('is told to a client that comes back, which says on as another session what it had not sent yet [P9] [P11]', () =>
    withLimits({ backOffMsMin: 20, backOffMsMax: 200 }, async () => {
      const { server } = await start();
      const proxy = await TcpProxy.start(endings, server.address);
      const ada = await connect({ server: proxy.address, name: 'Ada', room, reconnect: true });
      endings.add(() => withLimits({ leaveMsMax: 1 }, () => ada.leave()));
      const statuses: string[] = [];
      ada.status$.subscribe(({ state }) => statuses.push(state));
      ada.events$.subscribe();
      for (const text of ['kept', 'damaged-0002', 'behind it']) await ada.publish(text);
      await takenOver(server.data);
      await server.kill();
      await eventually('the connection is lost', () => statuses.includes('offline'));
      const later = ada.publish('of the new log');
      damageText(server.data, 'damaged-0002');
      await cut(server.data);
      const { server: next, caller } = await start(server.data);
      proxy.target = next.address;
      // Her Left, her Joined, and what she says.
      expect(await later).to.include({ sequence: 5, text: 'of the new log' });
      expect(statuses).to.include('history-lost');
      expect((await caller.history()).map((event) => ('text' in event ? event.text : event.kind))).to.deep.equal([
        ...['joined', 'kept'],
        ...['left', 'joined', 'of the new log'],
      ]);
      await ada.leave();
    }));
});
