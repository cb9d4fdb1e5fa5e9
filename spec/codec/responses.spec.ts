import { expect } from 'chai';
import fc from 'fast-check';
import type { ChatResponse, FarewellReason, Welcome } from '../../lib/codec/messages.js';
import { ParticipantNames } from '../../lib/codec/participant-names.js';
import {
  decodeChatResponse,
  decodeHistoryPage,
  decodeRejection,
  decodeRoomsPage,
  encodeFarewell,
  encodeHistoryPage,
  encodeParticipants,
  encodeRejection,
  encodeRejectionResponse,
  encodeRoomsPage,
  encodeWelcomeToAll,
} from '../../lib/codec/responses.js';
import { rejectionDetails, rejection as rejectionFor } from '../../lib/core/rejection.js';
import { chain, rejection, text, uint32, uint64 } from './arbitrary.js';
import { decodeParticipants, encodeWelcome } from './other-side.js';
import { enumNames, fieldsOf, fromTheWire, onTheWire } from './wire.js';

const nothing: ChatResponse = { events: [], welcome: undefined, rejection: undefined, farewell: undefined };

const welcome: Welcome = {
  session: 'lobby:s',
  room: 'lobby',
  logId: 'l',
  sequence: 1,
  lamport: 2,
  chain: '0000000000000003',
  participants: ['Ada', 'Bob'],
  resumed: true,
  textLengthMax: 128,
  ordinal: 4,
  newest: 5,
};
const wireWelcome = {
  session: 'lobby:s',
  room: 'lobby',
  log_id: 'l',
  sequence: '1',
  lamport: '2',
  chain: '3',
  participants: ['Ada', 'Bob'],
  resumed: true,
  text_length_max: 128,
  ordinal: '4',
  newest: '5',
};

describe('The codec of responses', () => {
  it('writes each field of the contract, as another program reads it [S1]', () => {
    expect(onTheWire('ChatResponse', encodeWelcome(welcome))).to.deep.equal({ welcome: wireWelcome });
    expect(onTheWire('SubscribeResponse', encodeWelcome(welcome))).to.deep.equal({ welcome: wireWelcome });
    expect(fieldsOf('Welcome')).to.have.members(Object.keys(wireWelcome));

    const refusal = { ...rejectionFor('RATE_LIMITED', 7, 250), detail: 'later' };
    const wireRefusal = {
      ordinal: '7',
      reason: 'REJECTION_REASON_RATE_LIMITED',
      detail: 'later',
      retry_after_ms: 250,
    };
    expect(onTheWire('ChatResponse', encodeRejectionResponse(refusal))).to.deep.equal({ rejection: wireRefusal });
    expect(onTheWire('Rejection', encodeRejection(refusal))).to.deep.equal(wireRefusal);
    expect(fieldsOf('Rejection')).to.have.members(Object.keys(wireRefusal));

    const farewell = { farewell: { reason: 'FAREWELL_REASON_TAKEN_OVER', resume: true } };
    const bytes = encodeFarewell({ reason: 'TAKEN_OVER', resume: true });
    expect(onTheWire('ChatResponse', bytes)).to.deep.equal(farewell);
    expect(onTheWire('SubscribeResponse', bytes)).to.deep.equal(farewell);
    expect(fieldsOf('Farewell')).to.have.members(Object.keys(farewell.farewell));
    expect(fieldsOf('ChatResponse')).to.have.members(['events', 'welcome', 'rejection', 'farewell']);
    expect(fieldsOf('SubscribeResponse')).to.have.members(['events', 'welcome', 'farewell']);

    const room = { name: 'lobby', participants: 1, sequence: 2, lamport: 3 };
    expect(onTheWire('ListRoomsResponse', encodeRoomsPage({ rooms: [room], more: true }))).to.deep.equal({
      rooms: [{ ...room, sequence: '2', lamport: '3' }],
      more: true,
    });
    expect(fieldsOf('ListRoomsResponse')).to.have.members(['rooms', 'more']);
    expect(fieldsOf('Room')).to.have.members(Object.keys(room));
    expect(onTheWire('ListParticipantsResponse', encodeParticipants(['Ada', 'Bob']))).to.deep.equal({
      participants: ['Ada', 'Bob'],
    });
    expect(onTheWire('ReadHistoryResponse', encodeHistoryPage(Buffer.alloc(0), 'l', 9))).to.deep.equal({
      log_id: 'l',
      newest: '9',
    });
    expect(fieldsOf('ReadHistoryResponse')).to.have.members(['events', 'log_id', 'newest']);
  });

  it('reads back every welcome it writes', () => {
    const any: fc.Arbitrary<Welcome> = fc.record({
      session: text,
      room: text,
      logId: text,
      sequence: uint64,
      lamport: uint64,
      chain,
      participants: fc.array(text, { maxLength: 5 }),
      resumed: fc.boolean(),
      textLengthMax: uint32,
      ordinal: uint64,
      newest: uint64,
    });
    fc.assert(
      fc.property(any, (one) => {
        expect(decodeChatResponse(encodeWelcome(one))).to.deep.equal({ ...nothing, welcome: one });
        const toAll = { ...one, participants: ParticipantNames.of(one.participants) };
        const bytes = Buffer.concat(encodeWelcomeToAll(toAll));
        expect(decodeChatResponse(bytes)).to.deep.equal({ ...nothing, welcome: one });
        expect(onTheWire('ChatResponse', bytes)).to.deep.equal(onTheWire('ChatResponse', encodeWelcome(one)));
      }),
    );
  });

  it('reads back every rejection it writes, its ordinal exactly', () => {
    fc.assert(
      fc.property(rejection, (one) => {
        expect(decodeRejection(encodeRejection(one))).to.deep.equal(one);
        expect(decodeChatResponse(encodeRejectionResponse(one))).to.deep.equal({ ...nothing, rejection: one });
      }),
    );
  });

  it('reads back farewells, rooms, participants and empty pages', () => {
    for (const reason of ['UNSPECIFIED', 'SERVER_STOPPING', 'REMOVED', 'TAKEN_OVER'] satisfies FarewellReason[]) {
      const farewell = { reason, resume: reason === 'REMOVED' };
      expect(decodeChatResponse(encodeFarewell(farewell))).to.deep.equal({ ...nothing, farewell });
    }
    const room = fc.record({ name: text, participants: uint32, sequence: uint64, lamport: uint64 });
    fc.assert(
      fc.property(fc.array(room, { maxLength: 5 }), fc.array(text, { maxLength: 5 }), (rooms, names) => {
        const page = { rooms, more: names.length > 2 };
        expect(decodeRoomsPage(encodeRoomsPage(page))).to.deep.equal(page);
        const oneByOne = rooms.map((one) => encodeRoomsPage({ rooms: [one], more: false }));
        const laid = Buffer.concat([...oneByOne, encodeRoomsPage({ rooms: [], more: page.more })]);
        expect(decodeRoomsPage(laid), 'laid end to end').to.deep.equal(page);
        expect(decodeParticipants(encodeParticipants(names))).to.deep.equal(names);
      }),
    );
    expect(decodeHistoryPage(encodeHistoryPage(Buffer.alloc(0), '', 0))).to.deep.equal({
      events: [],
      logId: '',
      newest: 0,
    });
  });

  it('has a name for each reason of the contract, and the contract for each of its names', () => {
    const reasons = Object.keys(rejectionDetails).map((reason) => `REJECTION_REASON_${reason}`);
    expect(reasons).to.have.members(enumNames('RejectionReason'));
    for (const reason of enumNames('RejectionReason')) {
      const { rejection } = decodeChatResponse(fromTheWire('ChatResponse', { rejection: { reason } }));
      expect(`REJECTION_REASON_${rejection?.reason}`).to.equal(reason);
    }
    for (const reason of enumNames('FarewellReason')) {
      const { farewell } = decodeChatResponse(fromTheWire('ChatResponse', { farewell: { reason } }));
      expect(`FAREWELL_REASON_${farewell?.reason}`).to.equal(reason);
    }
  });

  it('takes a reason that only a newer contract has as unspecified, with all else of the message', () => {
    const refused = fromTheWire('ChatResponse', {
      rejection: { ordinal: 3, reason: 99, detail: 'new', retry_after_ms: 4 },
    });
    expect(decodeChatResponse(refused).rejection).to.deep.equal({
      ordinal: 3,
      reason: 'UNSPECIFIED',
      detail: 'new',
      retryAfterMs: 4,
    });
    const ended = fromTheWire('ChatResponse', { farewell: { reason: 99, resume: true } });
    expect(decodeChatResponse(ended).farewell).to.deep.equal({ reason: 'UNSPECIFIED', resume: true });
  });

  it('rounds no number of a welcome: beyond 2^53 − 1 it is Infinity, and a chain is exact', () => {
    const beyond = '18446744073709551615';
    const { welcome: read } = decodeChatResponse(
      fromTheWire('ChatResponse', {
        welcome: { ...wireWelcome, sequence: beyond, lamport: beyond, newest: beyond, ordinal: beyond, chain: beyond },
      }),
    );
    const infinite = Number.POSITIVE_INFINITY;
    expect(read).to.include({ sequence: infinite, lamport: infinite, newest: infinite, ordinal: infinite });
    expect(read?.chain).to.equal('ffffffffffffffff');
  });

  it('takes an empty response as one with nothing in it', () => {
    expect(decodeChatResponse(Buffer.alloc(0))).to.deep.equal(nothing);
  });

  it('throws at bytes that are cut short', () => {
    const bytes = encodeWelcome(welcome);
    for (let length = 1; length < bytes.length; length += 1) {
      expect(() => decodeChatResponse(bytes.subarray(0, length)), `${length} bytes`).to.throw();
    }
  });
});
