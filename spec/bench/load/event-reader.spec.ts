import { expect } from 'chai';
import fc from 'fast-check';
import { encodeEvent } from '../../../lib/codec/event-codec.js';
import { encodeHistoryPage, encodeRejectionResponse } from '../../../lib/codec/responses.js';
import type { RoomEvent } from '../../../lib/core/event.js';
import { rejection } from '../../../lib/core/rejection.js';
import { encodeWelcome } from '../../codec/other-side.js';
import { EventReader, ordinalIfBy } from './event-reader.js';
import { MessageReader } from './message-reader.js';

const stamped = { lamport: 900, timeMs: 1_700_000_000_123, chain: '00112233445566ff' };

function message(sequence: number, participant: string, ordinal: number): RoomEvent {
  return { kind: 'message', sequence, participant, text: 'four'.repeat(25), ordinal, seen: 3, ...stamped };
}

function joined(sequence: number, participant: string): RoomEvent {
  return { kind: 'joined', sequence, participant, ...stamped };
}

const welcome = encodeWelcome({
  session: 'lobby:secret',
  room: 'lobby',
  logId: 'log',
  sequence: 299,
  lamport: 800,
  chain: stamped.chain,
  participants: ['Ada', 'Bob', 'Cyd'],
  resumed: false,
  textLengthMax: 128,
  ordinal: 0,
  newest: 299,
});

/** What a stream's `messages`, cut after every `cut` bytes, are read as. */
function read(messages: readonly Buffer[], { cut = 1e9, after }: { cut?: number; after?: number } = {}) {
  const faults: string[] = [];
  const own: number[] = [];
  const welcomes: [place: number, participants: number][] = [];
  const events = new EventReader(
    {
      event: (_sequence, bytes, start, end) => own.push(ordinalIfBy(Buffer.from('Ada'), bytes, start, end)),
      welcome: (place, participants) => welcomes.push([place, participants]),
      fault: (what) => faults.push(what),
    },
    after,
  );
  const reader = new MessageReader(events);
  const bytes = Buffer.concat(
    messages.flatMap((one) => {
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(one.length, 1);
      return [prefix, one];
    }),
  );
  for (let at = 0; at < bytes.length; at += cut) reader.read(bytes, at, Math.min(bytes.length, at + cut));
  return { place: events.place, events: events.events, faults, own, welcomes };
}

describe('EventReader', () => {
  const run = [joined(300, 'Ada'), message(301, 'Adam', 7), message(302, 'Ada', 300), message(303, 'Bob', 1)];

  it('counts events and finds the own ones, however messages and pieces are cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: run.length }), (cut, first) => {
        const encoded = run.map(encodeEvent);
        const messages = [welcome, Buffer.concat(encoded.slice(0, first)), Buffer.concat(encoded.slice(first))];
        const expected = { place: 303, events: 4, faults: [], own: [0, 0, 300, 0], welcomes: [[299, 3]] };
        expect(read(messages, { cut })).to.deep.equal(expected);
      }),
    );
  });

  it('notices a gap and a repeat', () => {
    const encoded = run.map(encodeEvent) as [Buffer, Buffer, Buffer, Buffer];
    expect(read([welcome, encoded[0], encoded[2]]).faults).to.deep.equal(['event 302 after 300']);
    expect(read([welcome, encoded[0], encoded[0]]).faults).to.deep.equal(['event 300 after 300']);
  });

  it('notices a refusal', () => {
    expect(read([welcome, encodeRejectionResponse(rejection('RATE_LIMITED', 1))]).faults).to.deep.equal(['a refusal']);
  });

  it('counts the events of a page of history', () => {
    const page = encodeHistoryPage(Buffer.concat(run.map(encodeEvent)), 'log', 2 ** 40);
    expect(read([page], { after: 299, cut: 3 }))
      .to.include({ events: 4, place: 303 })
      .and.to.have.deep.property('faults', []);
  });

  it('reads sequences beyond 2^31 exactly', () => {
    const far = 2 ** 50 + 1;
    expect(read([encodeEvent(joined(far, 'Ada'))], { after: far - 1 })).to.include({ place: far, events: 1 });
  });
});
