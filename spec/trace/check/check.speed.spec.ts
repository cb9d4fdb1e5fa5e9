import { expect } from 'chai';
import { LamportClock } from '../../../lib/core/clock.js';
import type { Command } from '../../../lib/core/command.js';
import type { RoomEvent } from '../../../lib/core/event.js';
import { defaultLimits } from '../../../lib/core/limits.js';
import { step } from '../../../lib/core/room.js';
import { emptyRoom } from '../../../lib/core/room-state.js';
import { check } from '../../../lib/trace/check/check.js';
import type { History } from '../../../lib/trace/history/history.js';
import { HistoryRecorder } from '../recorder.js';

const room = 'lobby';

/** A room in which everybody receives everything at once. */
function busyRoom(people: number, messages: number): History {
  const state = emptyRoom(room);
  const recorder = new HistoryRecorder();
  const events: RoomEvent[] = [];
  const clients = Array.from({ length: people }, (_, index) => {
    const name = `client ${index}`;
    return { name, clock: new LamportClock(), record: recorder.client(name) };
  });
  const take = (draft: Command, receivers: typeof clients): RoomEvent | undefined => {
    const decision = step(state, draft, defaultLimits);
    if (decision.kind !== 'accepted') return undefined;
    const { event } = decision.entry;
    events.push(event);
    for (const { record, clock } of receivers) record.receive(room, { ...event }, clock.receive(event.lamport));
    return event;
  };
  for (const [index, { name, clock, record }] of clients.entries()) {
    const { sequence, chain, lamport: newestLamport } = state.position;
    const lamport = clock.tick();
    record.join({ room, name, lamport });
    record.welcome({
      session: name,
      room,
      logId: 'log',
      sequence,
      chain,
      newest: sequence,
      resumed: false,
      ordinal: 0,
    });
    const draft = {
      kind: 'join',
      session: name,
      name,
      resumable: true,
      senderLamport: lamport,
      newestLamport,
      timeMs: 0,
    } as const;
    take(draft, clients.slice(0, index + 1));
  }
  for (let message = 0; message < messages; message += 1) {
    const client = clients[message % people];
    if (!client) continue;
    const { sequence: seen, lamport: newestLamport } = state.position;
    const said = { text: `message ${message}`, ordinal: Math.floor(message / people) + 1, seen };
    const lamport = client.clock.tick();
    client.record.send({ room, lamport, at: message, ...said });
    const sent = { session: client.name, senderLamport: lamport, newestLamport, timeMs: message };
    const event = take({ kind: 'publish', ...said, ...sent }, clients);
    if (event) client.record.accepted({ room, ordinal: said.ordinal, event, at: message + 0.5 });
  }
  for (const { record } of clients) record.end(room, 'present');
  recorder.log({ room, logId: 'log', events });
  return recorder.history();
}

describe('The history checker', () => {
  it('judges a quarter of a million received events in the time of a test', () => {
    // A million were measured to take 1.2 s. Looking through all the others for each event would take hours.
    const history = busyRoom(20, 12_500);
    expect(check(history)).to.deep.equal([]);
  });
});
