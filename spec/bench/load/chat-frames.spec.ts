import { expect } from 'chai';
import { decodeChatRequest } from '../../../lib/codec/requests.js';
import { publishBytesMax, textBytes, writePublish } from './chat-frames.js';
import { FrameReader } from './frame-reader.js';
import { MessageReader } from './message-reader.js';

describe('writePublish', () => {
  it('writes requests that the server reads as they were meant, up to large numbers', () => {
    for (const number of [0, 127, 128, 300_000, 2 ** 40 + 5]) {
      const bytes = Buffer.alloc(2 * publishBytesMax, 0xff);
      const publish = { lamport: number, ordinal: number, seen: number };
      const end = writePublish(bytes, writePublish(bytes, 0, publish), publish);
      const requests: object[] = [];
      const messages = new MessageReader({
        piece: (chunk, start, stop) => requests.push(decodeChatRequest(chunk.subarray(start, stop))),
        finish: () => {},
      });
      const frames = new FrameReader({
        data: (_stream, chunk, start, stop) => messages.read(chunk, start, stop),
        frame: () => expect.fail('a frame that is no DATA'),
        ended: () => expect.fail('an end'),
      });
      frames.read(bytes, end);
      const text = 'A message of one hundred bytes, as people say them. '.repeat(2).slice(0, textBytes);
      const expected = { lamport: number, action: { kind: 'publish', text, ordinal: number, seen: number } };
      expect(requests).to.deep.equal([expected, expected]);
    }
  });
});
