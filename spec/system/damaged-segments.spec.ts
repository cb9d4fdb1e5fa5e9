import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { segmentNames } from '../../lib/server/log/write-ahead/segment.js';
import { flipBit } from '../server/log/lmdb/flipped-store.js';
import { RecordedVisit } from '../torture/recorded-visit.js';
import { HistoryRecorder } from '../trace/recorder.js';
import { Child } from './child.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { projectFile } from './project.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';

describe('a server that was killed', function () {
  this.timeout(60_000);
  const endings = endedAfterEach();

  /** Ada is in the lobby and the annex, resumable, has said so much in each, and the server was killed. */
  async function killed() {
    // So that nothing is taken over before the kill.
    const server = await ServerProcess.withLimits(endings, { aheadTakeOverMs: 600_000 }, 'durable');
    const caller = new RawCaller(endings, server.address);
    const recorder = new HistoryRecorder();
    const visits = ['annex', 'lobby'].map((room) => {
      return new RecordedVisit(recorder.client(room, { keepsClock: false }), { name: 'Ada', room, resumable: true });
    });
    for (const visit of visits) {
      expect(await visit.enter(caller)).to.equal(true);
      for (const ordinal of [1, 2, 3]) {
        await caller.publish(visit.session, `${visit.room} ${ordinal}`, ordinal, visit.tick());
      }
      await eventually('she has all', () => visit.sequence === 4);
    }
    const logIds = await Promise.all(visits.map(async ({ room }) => (await caller.historyPage(room, 0)).logId));
    await server.kill();
    await eventually('the streams are lost', () => visits.every(({ live }) => !live));
    return { server, visits, logIds };
  }

  /** Flips a bit of what the segments have of `text`. */
  function damage(data: string, text: string): void {
    for (const name of segmentNames) {
      const path = join(data, name);
      const at = readFileSync(path).indexOf(text);
      if (at < 0) continue;
      flipBit(path, at * 8 + 2);
      return;
    }
    throw new Error(`no segment has ${text}`);
  }

  it('goes on with all that its segments have [P4]', async () => {
    const { server, visits, logIds } = await killed();
    const again = await ServerProcess.start(endings, { data: server.data });
    const caller = new RawCaller(endings, again.address);
    for (const [index, visit] of visits.entries()) {
      expect(await visit.enter(caller)).to.equal(true);
      expect((await caller.historyPage(visit.room, 0)).logId).to.equal(logIds[index]);
    }
    expect(again.records().filter(({ event }) => /segments-damaged|log-ids-renewed/.test(event))).to.be.empty;
  });

  it('tells every client HISTORY_LOST where one of its segments is damaged, and says so in its log and its check [P1] [P11]', async () => {
    const { server, visits, logIds } = await killed();
    damage(server.data, 'lobby 2');
    const check = new Child(endings, process.execPath, [projectFile('bin/chit-server'), 'check', server.data]);
    expect(await check.ended).to.equal(1);
    expect(check.lines).to.deep.equal([
      'Its write-ahead segments are damaged: of any of its rooms the newest events may be lost.',
      'annex: all 4 events good.',
      'lobby: all 2 events good.',
      'Of these, 6 events in its write-ahead segments; the next start takes them over.',
      `${server.data} is damaged: 2 rooms, 6 good events. With --cut it is made anew of what is good.`,
    ]);

    const again = await ServerProcess.start(endings, { data: server.data });
    const caller = new RawCaller(endings, again.address);
    for (const [index, visit] of visits.entries()) {
      expect(await visit.enter(caller), visit.room).to.equal(false);
      expect(visit.rejections.map(({ reason }) => reason)).to.deep.equal(['HISTORY_LOST']);
      const { logId } = await caller.historyPage(visit.room, 0);
      expect(logId).not.to.equal(logIds[index]);
      expect(await visit.enter(caller), 'as a newcomer').to.equal(true);
    }
    const told = again.records().filter(({ event }) => /segments-damaged|log-ids-renewed/.test(event));
    expect(
      told.map(({ event, level, rooms, log }: (typeof told)[number] & { rooms?: number; log?: string }) => ({
        ...{ event, level, rooms, log },
      })),
    ).to.deep.equal([
      { event: 'segments-damaged', level: 50, rooms: undefined, log: server.data },
      { event: 'log-ids-renewed', level: 40, rooms: 2, log: undefined },
    ]);
    expect(await again.stop()).to.equal(0);
    for (const name of segmentNames) expect(existsSync(join(server.data, name)), name).to.equal(false);
  });
});
