import { expect } from 'chai';
import { encodeEvent } from '../../../lib/codec/event-codec.js';
import { ParticipantNames } from '../../../lib/codec/participant-names.js';
import { decodeHistoryPage } from '../../../lib/codec/responses.js';
import type { RoomEvent } from '../../../lib/core/event.js';
import { rejection } from '../../../lib/core/rejection.js';
import { historyReply, leaveReply, ParticipantsReplies, publishReply } from '../../../lib/server/rpc/messages.js';
import { decodeLeaveResponse, decodeParticipants, decodePublishResponse } from '../../codec/other-side.js';

const stamped = { sequence: 3, lamport: 9, timeMs: 1000, participant: 'Ada', chain: '00000000000000ff' };
const message: RoomEvent = { kind: 'message', ...stamped, text: 'hi', ordinal: 1, seen: 2 };
const left: RoomEvent = { kind: 'left', ...stamped, reason: 'ASKED' };
const refused = rejection('ROOM_INVALID');
const participants = new ParticipantsReplies();

describe('the reply to a unary call', () => {
  it('is the event of a publish, marked where it had been accepted before [P5]', () => {
    const answer = { sequence: 3, event: encodeEvent(message) };
    expect(decodePublishResponse(publishReply({ kind: 'accepted', ...answer }) as Buffer)).to.deep.equal({
      event: message,
      duplicate: false,
    });
    expect(decodePublishResponse(publishReply({ kind: 'repeated', ...answer }) as Buffer)).to.deep.equal({
      event: message,
      duplicate: true,
    });
  });

  it('is the Left of a leave [P8]', () => {
    const reply = leaveReply({ kind: 'accepted', sequence: 3, event: encodeEvent(left) });
    expect(decodeLeaveResponse(reply as Buffer)).to.deep.equal({ event: left });
  });

  it('is a page, or the participants', () => {
    const events = encodeEvent(message);
    expect(
      decodeHistoryPage(historyReply({ kind: 'page', events, last: 2, logId: 'log', newest: 3 }) as Buffer),
    ).to.deep.equal({
      events: [message],
      logId: 'log',
      newest: 3,
    });
    const answer = { kind: 'participants', names: ParticipantNames.of(['Ada', 'Bob']) } as const;
    const reply = participants.of(answer);
    expect(decodeParticipants(reply as Buffer)).to.deep.equal(['Ada', 'Bob']);
    expect(participants.of(answer), 'encoded once for all').to.equal(reply);
  });

  it('is a refusal with the rejection [P9], and a fault of the server’s own as such', () => {
    const refusal = { kind: 'refused', rejection: refused };
    const answer = { kind: 'rejected', rejection: refused } as const;
    for (const reply of [publishReply, leaveReply, historyReply, participants.of.bind(participants)]) {
      expect(reply(answer)).to.deep.equal(refusal);
    }
    expect(publishReply({ kind: 'failed' })).to.deep.equal({ kind: 'failed' });
    expect(leaveReply({ kind: 'failed' })).to.deep.equal({ kind: 'failed' });
    expect(historyReply({ kind: 'failed' })).to.deep.equal({ kind: 'failed' });
  });
});
