import { expect } from 'chai';
import { encodeChatRequest } from '../../../lib/codec/requests.js';
import { chatMessage, subscribeMessage } from '../../../lib/server/rpc/messages.js';
import { encodeSubscribeRequest } from '../../codec/other-side.js';

const join = { room: 'den', name: 'Ada', history: 3, resumable: false, resume: undefined };

describe('what a connection actor is told of a request', () => {
  it('is its action with its Lamport time', () => {
    const publish = { text: 'hi', ordinal: 1, seen: 4 };
    expect(chatMessage(encodeChatRequest({ lamport: 5, action: { kind: 'join', ...join } }))).to.deep.equal({
      kind: 'join',
      lamport: 5,
      join,
    });
    expect(chatMessage(encodeChatRequest({ lamport: 6, action: { kind: 'publish', ...publish } }))).to.deep.equal({
      kind: 'publish',
      lamport: 6,
      publish,
    });
    expect(chatMessage(encodeChatRequest({ lamport: 7, action: { kind: 'leave' } }))).to.deep.equal({
      kind: 'leave',
      lamport: 7,
    });
    expect(subscribeMessage(encodeSubscribeRequest({ lamport: 8, join }))).to.deep.equal({
      kind: 'join',
      lamport: 8,
      join,
    });
  });

  it('is that the action is unknown where there is none that this contract has', () => {
    expect(chatMessage(Buffer.alloc(0))).to.deep.equal({ kind: 'unknown' });
  });

  it('is that the bytes are malformed where they are no request', () => {
    const whole = encodeChatRequest({ lamport: 5, action: { kind: 'join', ...join } });
    expect(chatMessage(whole.subarray(0, -1))).to.deep.equal({ kind: 'malformed' });
    expect(chatMessage(Buffer.from([0xff]))).to.deep.equal({ kind: 'malformed' });
    expect(subscribeMessage(Buffer.from([0x12, 0x7f]))).to.deep.equal({ kind: 'malformed' });
  });
});
