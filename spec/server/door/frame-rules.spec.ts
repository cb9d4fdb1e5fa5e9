import { expect } from 'chai';
import fc from 'fast-check';
import { FrameRules } from '../../../lib/server/door/frame-rules.js';
import { errorName, frameType } from '../../../lib/server/door/http2-frames.js';

type Judged = readonly [type: keyof typeof frameType | number, flags: number, stream: number, length: number];

const endStream = 0x1;
const ack = 0x1;
const endHeaders = 0x4;
const request: Judged = ['headers', endHeaders, 1, 30];
const wholeRequest: Judged = ['headers', endHeaders | endStream, 1, 30];
const reset: Judged = ['resetStream', 0, 1, 4];

const typeOf = (type: Judged[0]): number => (typeof type === 'number' ? type : frameType[type]);

/** A client that has sent its first SETTINGS, then `frames`: the name of the fault at the last of them, which alone may be one. */
function verdict(...frames: readonly Judged[]): string {
  const rules = new FrameRules();
  rules.sent(frameType.settings, 0, 0);
  const [last, ...before] = [...frames].reverse();
  for (const [type, ...head] of [['settings', 0, 0, 6] as Judged, ...before.reverse()]) {
    expect(rules.judge(typeOf(type), ...head), `${type} on ${head[1]}`).to.equal(undefined);
  }
  const [type, ...head] = last as Judged;
  const code = rules.judge(typeOf(type), ...head);
  return code === undefined ? 'fine' : errorName(code);
}

describe('the rules for what a client sends', () => {
  for (const [what, expected, ...frames] of [
    // RFC 9113, section 4.2
    ['a frame of 16,384 bytes', 'fine', request, ['data', 0, 1, 16_384]],
    ['a longer frame', 'FRAME_SIZE_ERROR', request, ['data', 0, 1, 16_385]],
    ['a longer frame of an unknown type', 'FRAME_SIZE_ERROR', [0x42, 0, 0, 16_385]],
    // 5.1
    ['DATA on a stream that was not begun', 'PROTOCOL_ERROR', ['data', 0, 1, 1]],
    ['RST_STREAM on one', 'PROTOCOL_ERROR', reset],
    ['WINDOW_UPDATE on one', 'PROTOCOL_ERROR', ['windowUpdate', 0, 1, 4]],
    ['PRIORITY on one', 'fine', ['priority', 0, 1, 5]],
    ['DATA after the end of a stream', 'STREAM_CLOSED', wholeRequest, ['data', 0, 1, 1]],
    ['DATA after DATA with the end', 'STREAM_CLOSED', request, ['data', endStream, 1, 1], ['data', 0, 1, 1]],
    ['HEADERS after the end of a stream', 'STREAM_CLOSED', wholeRequest, wholeRequest],
    ['DATA after a reset', 'STREAM_CLOSED', request, reset, ['data', 0, 1, 1]],
    ['HEADERS after a reset', 'STREAM_CLOSED', request, reset, wholeRequest],
    ['CONTINUATION after the end of a stream', 'PROTOCOL_ERROR', wholeRequest, ['continuation', endHeaders, 1, 3]],
    ['WINDOW_UPDATE after the end of a stream', 'fine', wholeRequest, ['windowUpdate', 0, 1, 4]],
    ['RST_STREAM after the end of a stream', 'fine', wholeRequest, reset],
    ['RST_STREAM after a reset', 'fine', request, reset, reset],
    ['PRIORITY after a reset', 'fine', request, reset, ['priority', 0, 1, 5]],
    ['trailers', 'fine', request, ['data', 0, 1, 3], wholeRequest],
    // 5.1.1
    ['a stream with an even number', 'PROTOCOL_ERROR', ['headers', endHeaders, 2, 30]],
    ['a stream that was passed over', 'PROTOCOL_ERROR', ['headers', endHeaders, 5, 30], ['headers', endHeaders, 3, 30]],
    // 5.5, 4.1
    ['an unknown type', 'fine', [0x42, 0xff, 7, 12]],
    ['undefined flags', 'fine', ['ping', 0xfe, 0, 8]],
    // 6.1 to 6.10
    ['DATA on stream 0', 'PROTOCOL_ERROR', ['data', 0, 0, 1]],
    ['HEADERS on stream 0', 'PROTOCOL_ERROR', ['headers', endHeaders, 0, 30]],
    ['PRIORITY on stream 0', 'PROTOCOL_ERROR', ['priority', 0, 0, 5]],
    ['RST_STREAM on stream 0', 'PROTOCOL_ERROR', ['resetStream', 0, 0, 4]],
    ['PRIORITY of another size', 'FRAME_SIZE_ERROR', request, ['priority', 0, 1, 4]],
    ['RST_STREAM of another size', 'FRAME_SIZE_ERROR', request, ['resetStream', 0, 1, 3]],
    ['SETTINGS on a stream', 'PROTOCOL_ERROR', request, ['settings', 0, 1, 6]],
    ['SETTINGS of a size that is no multiple of 6', 'FRAME_SIZE_ERROR', ['settings', 0, 0, 7]],
    ['an acknowledgement with settings in it', 'FRAME_SIZE_ERROR', ['settings', ack, 0, 6]],
    ['an acknowledgement', 'fine', ['settings', ack, 0, 0]],
    ['an acknowledgement too many', 'PROTOCOL_ERROR', ['settings', ack, 0, 0], ['settings', ack, 0, 0]],
    ['PUSH_PROMISE', 'PROTOCOL_ERROR', request, ['pushPromise', endHeaders, 1, 8]],
    ['PING on a stream', 'PROTOCOL_ERROR', request, ['ping', 0, 1, 8]],
    ['PING of another size', 'FRAME_SIZE_ERROR', ['ping', 0, 0, 6]],
    ['GOAWAY on a stream', 'PROTOCOL_ERROR', request, ['goAway', 0, 1, 8]],
    ['GOAWAY that is too short', 'FRAME_SIZE_ERROR', ['goAway', 0, 0, 7]],
    ['WINDOW_UPDATE of another size', 'FRAME_SIZE_ERROR', ['windowUpdate', 0, 0, 3]],
    ['WINDOW_UPDATE of the connection', 'fine', ['windowUpdate', 0, 0, 4]],
    ['CONTINUATION without HEADERS', 'PROTOCOL_ERROR', request, ['continuation', endHeaders, 1, 3]],
    ['CONTINUATION on stream 0', 'PROTOCOL_ERROR', ['continuation', endHeaders, 0, 3]],
    ['CONTINUATION of a header block', 'fine', ['headers', 0, 1, 30], ['continuation', 0, 1, 3]],
    ['CONTINUATION of another stream', 'PROTOCOL_ERROR', ['headers', 0, 1, 30], ['continuation', 0, 3, 3]],
    ['DATA within a header block', 'PROTOCOL_ERROR', ['headers', 0, 1, 30], ['data', 0, 1, 3]],
    ['an unknown type within a header block', 'PROTOCOL_ERROR', ['headers', 0, 1, 30], [0x42, 0, 1, 3]],
    // 6.8
    ['what belongs to a call, after GOAWAY', 'fine', request, ['goAway', 0, 0, 8], ['data', endStream, 1, 5]],
    ['a call after GOAWAY', 'NO_ERROR', request, ['goAway', 0, 0, 8], ['headers', endHeaders, 3, 30]],
  ] as readonly (readonly [what: string, expected: string, ...frames: Judged[]])[]) {
    it(`${expected === 'fine' ? 'allow' : 'refuse'} ${what}${expected === 'fine' ? '' : ` with ${expected}`}`, () => {
      expect(verdict(...frames)).to.equal(expected);
    });
  }

  it('refuse a first frame that is no SETTINGS, or an acknowledgement', () => {
    for (const [type, flags, length] of [
      [frameType.ping, 0, 8],
      [frameType.headers, endHeaders, 30],
      [frameType.settings, ack, 0],
      [0x42, 0, 0],
    ] as const) {
      expect(errorName(new FrameRules().judge(type, flags, type === frameType.headers ? 1 : 0, length) ?? -1)).to.equal(
        'PROTOCOL_ERROR',
      );
    }
  });

  it('do not refuse what was under way when we ended the stream, but only while that can be', () => {
    const rules = new FrameRules();
    rules.judge(frameType.settings, 0, 0, 0);
    const open = (stream: number) => rules.judge(frameType.headers, endHeaders, stream, 30);
    open(1);
    rules.sent(frameType.headers, endHeaders | endStream, 1);
    expect(rules.judge(frameType.data, 0, 1, 5)).to.equal(undefined);
    expect(rules.judge(frameType.data, endStream, 1, 5)).to.equal(undefined);
    open(3);
    rules.sent(frameType.resetStream, 0, 3);
    for (let stream = 5; stream < 1000; stream += 2) {
      open(stream);
      rules.sent(frameType.resetStream, 0, stream);
    }
    expect(rules.judge(frameType.data, 0, 3, 5), 'long ago').not.to.equal(undefined);
    expect(rules.judge(frameType.data, 0, 999, 5), 'just now').to.equal(undefined);
  });

  it('know when a connection is over: one side goes away, and no call is left to be answered', () => {
    for (const goAway of ['client', 'server'] as const) {
      const rules = new FrameRules();
      rules.judge(frameType.settings, 0, 0, 0);
      for (const stream of [1, 3, 5]) rules.judge(frameType.headers, endHeaders, stream, 30);
      if (goAway === 'client') rules.judge(frameType.goAway, 0, 0, 8);
      else rules.sent(frameType.goAway, 0, 0);
      expect(rules.over).to.equal(false);
      rules.sent(frameType.headers, endHeaders | endStream, 1);
      rules.sent(frameType.resetStream, 0, 3);
      rules.judge(frameType.data, endStream, 5, 5);
      expect(rules.over, 'one is still to be answered').to.equal(false);
      rules.judge(frameType.resetStream, 0, 5, 4);
      expect(rules.over).to.equal(true);
    }
  });

  it('judge any order of frames without an exception, and never hold more streams than can matter', () => {
    const head = fc.tuple(fc.nat(11), fc.nat(255), fc.nat(9), fc.nat(12), fc.boolean());
    fc.assert(
      fc.property(fc.array(head, { maxLength: 60 }), (heads) => {
        const rules = new FrameRules();
        rules.judge(frameType.settings, 0, 0, 0);
        for (const [type, flags, stream, length, ours] of heads) {
          if (ours) rules.sent(type, flags, stream);
          else if (rules.judge(type, flags, stream, length) !== undefined) break;
        }
        expect(rules.lastStream).to.be.within(0, 9);
      }),
    );
  });
});
