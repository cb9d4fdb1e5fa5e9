import { expect } from 'chai';
import fc from 'fast-check';
import { decodeEvent, encodeEvent } from '../../lib/codec/event-codec.js';
import {
  decodeChatResponse,
  decodeHistoryPage,
  encodeFarewell,
  encodeHistoryPage,
  encodePublishResponse,
} from '../../lib/codec/responses.js';
import type { RoomEvent } from '../../lib/core/event.js';
import { event } from './arbitrary.js';
import { decodeLeaveResponse, decodePublishResponse } from './other-side.js';
import { enumNames, fieldsOf, fromTheWire, onTheWire } from './wire.js';

const stamped = {
  sequence: 7,
  lamport: 9_007_199_254_740_991,
  timeMs: 1_700_000_000_123,
  participant: 'Zoë',
  chain: 'ffee000000000001',
};
const message: RoomEvent = { kind: 'message', ...stamped, text: '🎉 hi', ordinal: 3, seen: 6 };
const wireStamped = {
  sequence: '7',
  lamport: '9007199254740991',
  time: { seconds: '1700000000', nanos: 123_000_000 },
  participant: 'Zoë',
  chain: '18441677524128759809',
};

describe('The event codec', () => {
  it('writes each field of the contract, as another program reads it [S1]', () => {
    expect(wireStamped.chain).to.equal(BigInt(`0x${stamped.chain}`).toString());
    expect(onTheWire('ChatResponse', encodeEvent(message))).to.deep.equal({
      events: [{ ...wireStamped, message: { text: '🎉 hi', ordinal: '3', seen: '6' } }],
    });
    expect(onTheWire('ChatResponse', encodeEvent({ kind: 'joined', ...stamped }))).to.deep.equal({
      events: [{ ...wireStamped, joined: {} }],
    });
    expect(onTheWire('ChatResponse', encodeEvent({ kind: 'left', ...stamped, reason: 'REMOVED' }))).to.deep.equal({
      events: [{ ...wireStamped, left: { reason: 'LEFT_REASON_REMOVED' } }],
    });
    expect(fieldsOf('Event')).to.have.members([...Object.keys(wireStamped), 'joined', 'message', 'left']);
    expect(fieldsOf('Message')).to.have.members(['text', 'ordinal', 'seen']);
    expect(fieldsOf('Left')).to.deep.equal(['reason']);
  });

  it('reads back every event it writes', () => {
    fc.assert(
      fc.property(event, (one) => {
        expect(decodeEvent(encodeEvent(one))).to.deep.equal(one);
      }),
    );
  });

  it('knows each reason for a Left that the contract has', () => {
    for (const name of enumNames('LeftReason')) {
      const bytes = fromTheWire('ChatResponse', { events: [{ ...wireStamped, left: { reason: name } }] });
      const left = decodeEvent(bytes);
      expect(left.kind === 'left' && `LEFT_REASON_${left.reason}`).to.equal(name);
      expect(encodeEvent(left)).to.deep.equal(bytes);
    }
  });

  it('takes a reason that only a newer contract has as unspecified', () => {
    const bytes = fromTheWire('ChatResponse', { events: [{ ...wireStamped, left: { reason: 99 } }] });
    expect(decodeEvent(bytes)).to.deep.equal({ kind: 'left', ...stamped, reason: 'UNSPECIFIED' });
  });

  it('refuses to take an event of a kind that only a newer contract has for another', () => {
    const bytes = fromTheWire('ChatResponse', { events: [wireStamped] });
    expect(() => decodeEvent(bytes)).to.throw('kind');
    // To a client it is what all events are, and nothing more.
    expect(decodeChatResponse(bytes).events).to.deep.equal([{ kind: 'unknown', ...stamped }]);
    expect(() => encodeEvent({ kind: 'unknown', ...stamped })).to.throw('kind');
  });

  it('lays events end to end into one response of each kind that has events', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 8 }), (events) => {
        const run = Buffer.concat(events.map(encodeEvent));
        expect(decodeChatResponse(run)).to.deep.equal({
          events,
          welcome: undefined,
          rejection: undefined,
          farewell: undefined,
        });
        expect(decodeHistoryPage(encodeHistoryPage(run, 'log', 12))).to.deep.equal({
          events,
          logId: 'log',
          newest: 12,
        });
        const onTheirs = onTheWire('ChatResponse', run);
        expect(onTheWire('SubscribeResponse', run)).to.deep.equal(onTheirs);
        expect(onTheWire('ReadHistoryResponse', run)).to.deep.equal(onTheirs);
        const farewell = Buffer.concat([run, encodeFarewell({ reason: 'TAKEN_OVER', resume: true })]);
        expect(decodeChatResponse(farewell)).to.deep.include({
          events,
          farewell: { reason: 'TAKEN_OVER', resume: true },
        });
      }),
    );
  });

  it('is the answer to a publish and to a leave as it stands', () => {
    fc.assert(
      fc.property(event, (one) => {
        const bytes = encodeEvent(one);
        expect(decodePublishResponse(encodePublishResponse(bytes, false))).to.deep.equal({
          event: one,
          duplicate: false,
        });
        expect(decodePublishResponse(encodePublishResponse(bytes, true))).to.deep.equal({
          event: one,
          duplicate: true,
        });
        expect(decodeLeaveResponse(bytes)).to.deep.equal({ event: one });
      }),
    );
    const wire = { event: { ...wireStamped, message: { text: '🎉 hi', ordinal: '3', seen: '6' } } };
    expect(onTheWire('PublishResponse', encodePublishResponse(encodeEvent(message), false))).to.deep.equal(wire);
    expect(onTheWire('PublishResponse', encodePublishResponse(encodeEvent(message), true))).to.deep.equal({
      ...wire,
      duplicate: true,
    });
    expect(onTheWire('LeaveResponse', encodeEvent(message))).to.deep.equal(wire);
    expect(fieldsOf('PublishResponse')).to.deep.equal(['event', 'duplicate']);
    expect(fieldsOf('LeaveResponse')).to.deep.equal(['event']);
  });

  it('rounds no number: beyond 2^53 − 1 it is Infinity', () => {
    const huge = { sequence: '9007199254740993', lamport: '18446744073709551615' };
    const bytes = fromTheWire('ChatResponse', {
      events: [
        { ...wireStamped, ...huge, message: { text: 'x', ordinal: '9007199254740992', seen: '9007199254740991' } },
      ],
    });
    const infinite = Number.POSITIVE_INFINITY;
    expect(decodeEvent(bytes)).to.include({
      sequence: infinite,
      lamport: infinite,
      ordinal: infinite,
      seen: 9_007_199_254_740_991,
    });
  });

  it('throws at bytes that are cut short', () => {
    const bytes = encodeEvent(message);
    for (let length = 1; length < bytes.length; length += 1) {
      expect(() => decodeEvent(bytes.subarray(0, length)), `${length} bytes`).to.throw();
    }
    expect(() => decodeEvent(Buffer.alloc(0))).to.throw('an event was expected');
  });
});
