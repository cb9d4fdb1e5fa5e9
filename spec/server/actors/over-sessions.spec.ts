import { expect } from 'chai';
import { decodeEvent } from '../../../lib/codec/event-codec.js';
import type { ResumePlace } from '../../../lib/codec/messages.js';
import type { LmdbLog } from '../../../lib/server/log/lmdb/lmdb-log.js';
import { openStore } from '../../../lib/server/log/write-ahead/open-store.js';
import type { Answer } from '../../../lib/server/room/pending.js';
import { temporaryDirectories } from '../log/temporary-directory.js';
import { House, told } from './house.js';

describe('A session whose room goes on under another log id', () => {
  const newDirectory = temporaryDirectories();
  let directory: string;
  let log: LmdbLog;
  let house: House;
  /** Ada's, Bob's and Cyd's, in the order of joining; all may be resumed. */
  let sessions: string[];
  let place: ResumePlace;

  const reasonOf = (answer: Answer) => (answer.kind === 'rejected' ? answer.rejection.reason : answer.kind);

  /** The next life of the server. `restored`: its rooms get other log ids. */
  async function nextLife(limits: ConstructorParameters<typeof House>[0] = {}, restored = false): Promise<void> {
    await house.close();
    await log.close();
    log = await openStore(directory, { decode: decodeEvent, restored });
    house = new House({ graceMs: 60_000, readOnlyMs: 60_000, ...limits }, log);
  }

  /** A life in which three joined and Ada said two things; events 1 to 5. */
  beforeEach(async () => {
    directory = newDirectory();
    log = await openStore(directory, { decode: decodeEvent });
    house = new House({}, log);
    sessions = [];
    for (const name of ['Ada', 'Bob', 'Cyd']) {
      const { welcome } = await house.visit(name, { resumable: true });
      sessions.push(welcome.session);
    }
    const [ada = ''] = sessions;
    for (const ordinal of [1, 2]) expect(reasonOf(await house.publish(ada, 'hi', ordinal))).to.equal('accepted');
    const { logId, chain } = { logId: '', chain: '', ...house.log.head('lobby'), ...house.log.head('lobby')?.place };
    place = { session: ada, logId, sequence: 5, chain };
  });

  afterEach(async () => {
    await house.close();
    await log.close();
  });

  it('is over before anything else is decided, and gets its Left at once though it might be resumed [P1] [P8] [P11]', async () => {
    await nextLife({}, true);
    const [ada = '', bob = ''] = sessions;
    // All at once, while the room is still to be opened.
    const spoken = [house.publish(ada, 'late', 3), house.publish(ada, 'hi', 2), house.publish(bob, 'late', 1)];
    const asked = house.leave(bob);
    const eve = house.join('Ada');
    expect((await Promise.all(spoken)).map(reasonOf)).to.deep.equal([
      ...['SESSION_UNKNOWN', 'repeated', 'SESSION_UNKNOWN'],
    ]);
    expect(reasonOf(await asked)).to.equal('SESSION_UNKNOWN');
    await house.until('a newcomer is in, under the same name', () => eve.events.length > 0);
    expect(told(house.events()).slice(5)).to.deep.equal(['Ada left', 'Bob left', 'Cyd left', 'Ada joined']);
    expect(house.lefts('Bob')[0]).to.include({ reason: 'SERVER_RESTARTED' });
    expect(await house.participants('lobby')).to.deep.equal(['Ada']);
  });

  it('is ended by a start, as plain sessions are', async () => {
    await nextLife({}, true);
    await house.server.repair();
    expect(told(house.events()).slice(5)).to.deep.equal(['Ada left', 'Bob left', 'Cyd left']);
    expect(await house.participants('lobby')).to.deep.equal([]);
  });

  it('goes on where the log id is the same', async () => {
    await nextLife();
    await house.server.repair();
    expect(reasonOf(await house.publish(sessions[1] ?? '', 'still here', 1))).to.equal('accepted');
    expect(await house.participants('lobby')).to.deep.equal(['Ada', 'Bob', 'Cyd']);
  });

  it('cannot be resumed, whatever log id its client names [P11]', async () => {
    await nextLife({}, true);
    // The store takes no Left: the sessions stay in the room's state.
    house.log.unwritable = true;
    await house.server.repair();
    const logId = house.log.head('lobby')?.logId ?? '';
    const refusal = async (resume: ResumePlace) => {
      const peer = house.join('', { room: '', resume });
      await house.until('an answer', () => peer.endings.length > 0);
      return peer.rejections[0]?.reason;
    };
    expect(await refusal(place)).to.equal('HISTORY_LOST');
    expect(await refusal({ ...place, logId })).to.equal('SESSION_UNKNOWN');
    expect(await house.participants('lobby')).to.deep.equal(['Ada', 'Bob', 'Cyd']);
  });

  it('may not speak while its Left cannot be written, nor after, also where the server is killed between the Lefts [P4] [P8]', async () => {
    await nextLife({ groupDraftsMax: 1 }, true);
    house.log.hold();
    const repaired = house.server.repair();
    await house.until('the first Left is in work', () => house.log.appends === 1);
    house.log.release();
    house.log.hold();
    await house.until('it is written', () => house.log.head('lobby')?.place.sequence === 6);
    house.log.unwritable = true;
    house.log.release();
    await repaired;
    const [ada = '', bob = '', cyd = ''] = sessions;
    expect(await house.participants('lobby'), 'two Lefts are owed').to.deep.equal(['Bob', 'Cyd']);
    expect(reasonOf(await house.publish(bob, 'late', 1))).to.equal('READ_ONLY');
    house.nowMs += 60_000;
    house.log.unwritable = false;
    expect(reasonOf(await house.publish(bob, 'late', 1)), 'it would be written now').to.equal('SESSION_UNKNOWN');
    expect(reasonOf(await house.leave(bob))).to.equal('SESSION_UNKNOWN');
    expect(reasonOf(await house.publish(ada, 'hi', 2))).to.equal('repeated');
    const { welcome } = await house.visit('Eve', { resumable: true });
    expect(welcome.participants).to.deep.equal(['Bob', 'Cyd']);

    // The owed Lefts are the next life's, and so it is in the one after a failed write.
    await nextLife({ groupDraftsMax: 1, readOnlyMs: 0 });
    house.log.unwritable = true;
    expect(reasonOf(await house.publish(cyd, 'late', 1))).to.equal('SESSION_UNKNOWN');
    house.log.unwritable = false;
    await house.until('the Lefts', () => told(house.events()).length === 9);
    expect(told(house.events()).slice(5).sort()).to.deep.equal(['Ada left', 'Bob left', 'Cyd left', 'Eve joined']);
    expect(reasonOf(await house.publish(bob, 'late', 1))).to.equal('SESSION_UNKNOWN');
    expect(reasonOf(await house.publish(welcome.session, 'of the new log id', 1))).to.equal('accepted');
    expect(await house.participants('lobby')).to.deep.equal(['Eve']);
  });

  it('stays over where the room is restarted after a failure before its Left is written', async () => {
    await nextLife({}, true);
    house.log.appendFaults.push('before');
    expect(reasonOf(await house.publish(sessions[1] ?? '', 'late', 1))).to.equal('failed');
    await house.until('the room goes on', () => house.lefts('Cyd').length > 0);
    expect(reasonOf(await house.publish(sessions[1] ?? '', 'late', 1))).to.equal('SESSION_UNKNOWN');
    expect(told(house.events()).slice(5)).to.deep.equal(['Ada left', 'Bob left', 'Cyd left']);
  });
});
