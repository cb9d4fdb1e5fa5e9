import { expect } from 'chai';
import { chainStart } from '../../../lib/core/chain.js';
import type { RoomEvent } from '../../../lib/core/event.js';
import { EvidenceBuilder } from '../../../lib/trace/history/evidence.js';
import { witnessedLogs } from '../../../lib/trace/history/logs/witness.js';
import { differences, sameEvent } from '../../../lib/trace/history/same-event.js';
import { ScriptedRoom } from '../../client/scripted-room.js';
import { HistoryRecorder } from '../recorder.js';

describe('An event whose kind one of its witnesses did not know', () => {
  const room = new ScriptedRoom();
  const known = room.join('Ada');
  const { sequence, lamport, timeMs, participant, chain } = known;
  const unknown: RoomEvent = { kind: 'unknown', sequence, lamport, timeMs, participant, chain };

  it('is the same event where its stamps are the same, and no other one [P1]', () => {
    expect([sameEvent(known, unknown), sameEvent(unknown, known), differences(unknown, known)]).to.deep.equal([
      true,
      true,
      [],
    ]);
    expect(sameEvent(known, { ...unknown, chain: chainStart })).to.equal(false);
  });

  it('stands in the log of its room as those have it who knew it', () => {
    const recorder = new HistoryRecorder();
    for (const [client, event] of [
      ['old', unknown],
      ['new', known],
    ] as const) {
      const of = recorder.client(client);
      const place = { sequence: 0, chain: chainStart, newest: 0, resumed: false, ordinal: 0 };
      of.welcome({ session: client, room: 'lobby', logId: 'log', ...place });
      of.receive('lobby', event);
    }
    const { readers } = new EvidenceBuilder(recorder.history().clients);
    expect(witnessedLogs(readers)[0]?.events).to.deep.equal([known]);
  });
});
