import { expect } from 'chai';
import fc from 'fast-check';
import type { Action, JoinRequest } from '../../lib/codec/messages.js';
import {
  decodeChatRequest,
  decodeLeaveRequest,
  decodeListParticipantsRequest,
  decodeListRoomsRequest,
  decodePublishRequest,
  decodeReadHistoryRequest,
  decodeSubscribeRequest,
  encodeChatRequest,
  encodeListRoomsRequest,
  encodeReadHistoryRequest,
} from '../../lib/codec/requests.js';
import { isName, isRoomName } from '../../lib/core/name.js';
import { roomOfSession } from '../../lib/core/session-id.js';
import { textFault } from '../../lib/core/text.js';
import { join, publish, text, uint32, uint64 } from './arbitrary.js';
import {
  encodeLeaveRequest,
  encodeListParticipantsRequest,
  encodePublishRequest,
  encodeSubscribeRequest,
} from './other-side.js';
import { fieldsOf, fromTheWire, messageType, onTheWire, rawField } from './wire.js';

const resume = { session: 'lobby:s', logId: 'l', sequence: 5, chain: '00000000000000ff' };
const fullJoin: JoinRequest = { room: 'lobby', name: 'Ada', history: 9, resumable: true, resume };
const wireJoin = {
  room: 'lobby',
  name: 'Ada',
  history: 9,
  resumable: true,
  resume: { session: 'lobby:s', log_id: 'l', sequence: '5', chain: '255' },
};

describe('The codec of requests', () => {
  describe('writes each field of the contract, as another program reads it [S1]:', () => {
    it('ChatRequest', () => {
      const chat = (action: Action) => onTheWire('ChatRequest', encodeChatRequest({ lamport: 3, action }));
      expect(chat({ kind: 'join', ...fullJoin })).to.deep.equal({ lamport: '3', join: wireJoin });
      expect(chat({ kind: 'publish', text: 'hi', ordinal: 2, seen: 1 })).to.deep.equal({
        lamport: '3',
        publish: { text: 'hi', ordinal: '2', seen: '1' },
      });
      expect(chat({ kind: 'leave' })).to.deep.equal({ lamport: '3', leave: {} });
      expect(chat({ kind: 'unknown' })).to.deep.equal({ lamport: '3' });
      expect(fieldsOf('ChatRequest')).to.have.members(['lamport', 'join', 'publish', 'leave']);
      expect(fieldsOf('Join')).to.have.members(Object.keys(wireJoin));
      expect(fieldsOf('Resume')).to.have.members(Object.keys(wireJoin.resume));
    });

    it('all others', () => {
      expect(onTheWire('SubscribeRequest', encodeSubscribeRequest({ lamport: 3, join: fullJoin }))).to.deep.equal({
        lamport: '3',
        join: wireJoin,
      });
      const published = encodePublishRequest({
        session: 's',
        lamport: 3,
        text: 'hi',
        ordinal: 2n ** 64n - 1n,
        seen: 1,
      });
      expect(onTheWire('PublishRequest', published)).to.deep.equal({
        session: 's',
        lamport: '3',
        message: { text: 'hi', ordinal: '18446744073709551615', seen: '1' },
      });
      expect(onTheWire('LeaveRequest', encodeLeaveRequest({ session: 's', lamport: 3 }))).to.deep.equal({
        session: 's',
        lamport: '3',
      });
      const read = { room: 'lobby', after: 7, limit: 8, chain: '00000000000000ff' };
      const readOnTheWire = { ...read, after: '7', chain: '255' };
      expect(onTheWire('ReadHistoryRequest', encodeReadHistoryRequest(read))).to.deep.equal(readOnTheWire);
      const list = { room: 'lobby' };
      expect(onTheWire('ListParticipantsRequest', encodeListParticipantsRequest(list))).to.deep.equal(list);
      const page = { limit: 7, after: 'lobby' };
      expect(onTheWire('ListRoomsRequest', encodeListRoomsRequest(page))).to.deep.equal(page);
      expect(fieldsOf('SubscribeRequest')).to.have.members(['lamport', 'join']);
      expect(fieldsOf('PublishRequest')).to.have.members(['session', 'lamport', 'message']);
      expect(fieldsOf('LeaveRequest')).to.have.members(['session', 'lamport']);
      expect(fieldsOf('ReadHistoryRequest')).to.have.members(Object.keys(read));
      expect(fieldsOf('ListParticipantsRequest')).to.have.members(Object.keys(list));
      expect(fieldsOf('ListRoomsRequest')).to.have.members(Object.keys(page));
    });
  });

  describe('reads back what it writes:', () => {
    it('ChatRequest', () => {
      const action: fc.Arbitrary<Action> = fc.oneof(
        join.map((one) => ({ kind: 'join' as const, ...one })),
        publish.map((one) => ({ kind: 'publish' as const, ...one })),
        fc.constantFrom({ kind: 'leave' as const }, { kind: 'unknown' as const }),
      );
      fc.assert(
        fc.property(uint64, action, (lamport, one) => {
          expect(decodeChatRequest(encodeChatRequest({ lamport, action: one }))).to.deep.equal({
            lamport,
            action: one,
          });
        }),
      );
    });

    it('SubscribeRequest', () => {
      fc.assert(
        fc.property(uint64, join, (lamport, one) => {
          const request = { lamport, join: one };
          expect(decodeSubscribeRequest(encodeSubscribeRequest(request))).to.deep.equal(request);
        }),
      );
    });

    it('PublishRequest', () => {
      fc.assert(
        fc.property(text, uint64, publish, (session, lamport, one) => {
          const request = { session, lamport, ...one };
          expect(decodePublishRequest(encodePublishRequest(request))).to.deep.equal(request);
        }),
      );
    });

    it('LeaveRequest, ReadHistoryRequest, ListParticipantsRequest, ListRoomsRequest', () => {
      fc.assert(
        fc.property(text, uint64, uint32, (one, number, limit) => {
          const leave = { session: one, lamport: number };
          expect(decodeLeaveRequest(encodeLeaveRequest(leave))).to.deep.equal(leave);
          const read = { room: one, after: number, limit };
          for (const each of [read, { ...read, chain: '0000000000000000' }, { ...read, chain: 'fedcba9876543210' }]) {
            expect(decodeReadHistoryRequest(encodeReadHistoryRequest(each))).to.deep.equal(each);
          }
          const list = { room: one };
          expect(decodeListParticipantsRequest(encodeListParticipantsRequest(list))).to.deep.equal(list);
        }),
      );
      for (const page of [
        { limit: 0, after: '' },
        { limit: 3, after: 'a' },
      ]) {
        expect(decodeListRoomsRequest(encodeListRoomsRequest(page))).to.deep.equal(page);
      }
    });
  });

  describe('takes what is left out as empty:', () => {
    it('a ChatRequest without an action as unknown', () => {
      expect(decodeChatRequest(Buffer.alloc(0))).to.deep.equal({ lamport: 0, action: { kind: 'unknown' } });
    });

    it('a ChatRequest whose action only a newer contract has as unknown', () => {
      const bytes = Buffer.concat([fromTheWire('ChatRequest', { lamport: 4 }), rawField(15, Buffer.from('new'))]);
      expect(decodeChatRequest(bytes)).to.deep.equal({ lamport: 4, action: { kind: 'unknown' } });
    });

    it('a SubscribeRequest without a join, and a PublishRequest without a message', () => {
      const empty = { room: '', name: '', history: 0, resumable: false, resume: undefined };
      expect(decodeSubscribeRequest(Buffer.alloc(0))).to.deep.equal({ lamport: 0, join: empty });
      const message = { text: '', ordinal: 0, seen: 0 };
      expect(decodePublishRequest(Buffer.alloc(0))).to.deep.equal({ session: '', lamport: 0, ...message });
    });

    it('an empty join and an empty leave', () => {
      const joined = decodeChatRequest(fromTheWire('ChatRequest', { join: {} }));
      expect(joined.action).to.deep.equal({
        kind: 'join',
        room: '',
        name: '',
        history: 0,
        resumable: false,
        resume: undefined,
      });
      const left = decodeChatRequest(fromTheWire('ChatRequest', { leave: {} }));
      expect(left).to.deep.equal({ lamport: 0, action: { kind: 'leave' } });
    });
  });

  describe('rounds no number', () => {
    const beyond = ['9007199254740992', '9007199254740993', '18446744073709551615'];
    for (const number of beyond) {
      it(`such as ${number}`, () => {
        const message = { text: 'x', ordinal: number, seen: number };
        const chat = decodeChatRequest(fromTheWire('ChatRequest', { lamport: number, publish: message }));
        const infinite = Number.POSITIVE_INFINITY;
        expect(chat).to.deep.equal({
          lamport: infinite,
          action: { kind: 'publish', text: 'x', ordinal: BigInt(number), seen: infinite },
        });
        const unary = decodePublishRequest(fromTheWire('PublishRequest', { lamport: number, message }));
        expect(unary).to.include({ lamport: infinite, ordinal: BigInt(number), seen: infinite });
        const read = decodeReadHistoryRequest(fromTheWire('ReadHistoryRequest', { after: number }));
        expect(read.after).to.equal(infinite);
        const resumed = decodeChatRequest(
          fromTheWire('ChatRequest', { join: { resume: { sequence: number, chain: number } } }),
        );
        expect(resumed.action.kind === 'join' && resumed.action.resume).to.include({
          sequence: infinite,
          chain: BigInt(number).toString(16).padStart(16, '0'),
        });
      });
    }

    it('and keeps the greatest exact one', () => {
      const largest = '9007199254740991';
      const chat = decodeChatRequest(fromTheWire('ChatRequest', { lamport: largest, publish: { ordinal: largest } }));
      expect(chat.lamport).to.equal(Number.MAX_SAFE_INTEGER);
      expect(chat.action.kind === 'publish' && chat.action.ordinal).to.equal(Number.MAX_SAFE_INTEGER);
    });
  });

  describe('notices what is not UTF-8 in every string, so that it is refused and not repaired [S3]:', () => {
    const ill = {
      'a byte that begins nothing': [0x61, 0xff],
      'a sequence that is cut short': [0xe2, 0x82],
      'an overlong encoding': [0xc0, 0xaf],
      'a surrogate': [0xed, 0xa0, 0x80],
      'beyond the last code point': [0xf5, 0x80, 0x80, 0x80],
    };
    /** The number of a field of a message, by the contract. */
    const number = (message: string, field: string) => messageType(message).fields[field]?.id as number;

    for (const [what, octets] of Object.entries(ill)) {
      const bytes = Buffer.from(octets);
      it(what, () => {
        const joining = (field: string) =>
          decodeChatRequest(rawField(number('ChatRequest', 'join'), rawField(number('Join', field), bytes))).action;
        const name = joining('name');
        expect(name.kind === 'join' && isName(name.name, 32)).to.equal(false);
        const room = joining('room');
        expect(room.kind === 'join' && (room.room === '' || isRoomName(room.room, 64))).to.equal(false);
        const said = decodeChatRequest(
          rawField(number('ChatRequest', 'publish'), rawField(number('Message', 'text'), bytes)),
        );
        expect(said.action.kind === 'publish' && textFault(said.action.text, 128)).to.equal('TEXT_INVALID');
        const published = decodePublishRequest(
          Buffer.concat([
            rawField(number('PublishRequest', 'session'), bytes),
            rawField(number('PublishRequest', 'message'), rawField(number('Message', 'text'), bytes)),
          ]),
        );
        expect(textFault(published.text, 128)).to.equal('TEXT_INVALID');
        expect(roomOfSession(published.session)).to.equal(undefined);
        const left = decodeLeaveRequest(rawField(number('LeaveRequest', 'session'), bytes));
        expect(roomOfSession(left.session)).to.equal(undefined);
        const read = decodeReadHistoryRequest(rawField(number('ReadHistoryRequest', 'room'), bytes));
        expect(isRoomName(read.room, 64)).to.equal(false);
        const list = decodeListParticipantsRequest(rawField(number('ListParticipantsRequest', 'room'), bytes));
        expect(isRoomName(list.room, 64)).to.equal(false);
        const subscribed = decodeSubscribeRequest(
          rawField(number('SubscribeRequest', 'join'), rawField(number('Join', 'name'), bytes)),
        );
        expect(isName(subscribed.join.name, 32)).to.equal(false);
        const resumed = decodeChatRequest(
          rawField(
            number('ChatRequest', 'join'),
            rawField(
              number('Join', 'resume'),
              Buffer.concat([
                rawField(number('Resume', 'session'), bytes),
                rawField(number('Resume', 'log_id'), bytes),
              ]),
            ),
          ),
        );
        const place = resumed.action.kind === 'join' ? resumed.action.resume : undefined;
        expect(place?.session.isWellFormed()).to.equal(false);
        expect(place?.logId.isWellFormed()).to.equal(false);
      });
    }

    it('and takes all that is UTF-8 as it is, U+FFFD and noncharacters too', () => {
      for (const said of ['\ufffd', '\uffff', '\u{10ffff}', '\ufeffx', 'e\u0301']) {
        const bytes = encodeChatRequest({ lamport: 0, action: { kind: 'publish', text: said, ordinal: 1, seen: 0 } });
        const { action } = decodeChatRequest(bytes);
        expect(action.kind === 'publish' && action.text).to.equal(said);
      }
    });
  });

  describe('throws at what is no request:', () => {
    const whole = encodeChatRequest({ lamport: 300, action: { kind: 'join', ...fullJoin } });

    it('bytes that are cut short', () => {
      // Cut between two fields it is a shorter request: here after the lamport.
      const fields = [0, encodeChatRequest({ lamport: 300, action: { kind: 'unknown' } }).length];
      for (let length = 0; length < whole.length; length += 1) {
        const cut = () => decodeChatRequest(whole.subarray(0, length));
        if (fields.includes(length)) expect(cut).not.to.throw();
        else expect(cut, `${length} bytes`).to.throw();
      }
    });

    it('bytes of some other protocol', () => {
      for (const other of ['GET / HTTP/1.1\r\n\r\n', '{"join":{"name":"Ada"}}']) {
        expect(() => decodeChatRequest(Buffer.from(other)), other).to.throw();
      }
    });

    it('an endless number, a length beyond the end, and groups within groups', () => {
      expect(() => decodeChatRequest(Buffer.concat([Buffer.from([0x08]), Buffer.alloc(11, 0xff)]))).to.throw();
      expect(() => decodeChatRequest(Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x0f]))).to.throw();
      expect(() => decodeChatRequest(Buffer.alloc(16 * 1024, 0x7b))).to.throw();
    });

    it('whatever the bytes are, it decodes or throws, and what it decodes it can encode', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
          let request: ReturnType<typeof decodeChatRequest>;
          try {
            request = decodeChatRequest(bytes);
          } catch {
            return;
          }
          expect(request.action.kind).to.be.oneOf(['join', 'publish', 'leave', 'unknown']);
        }),
      );
    });
  });
});
