import {
  data,
  frame,
  frameFlags,
  frameTypes,
  grpcMessage,
  headerBlock,
  hpackInteger,
  literal,
  plainString,
  request,
  requestHeaders,
} from '../../server/rpc/http2-frames.js';
import { answers, connectionError, describeFrameCases, type FrameCase, listRooms } from './frame-case.js';

const question = grpcMessage(Buffer.alloc(0));
const block = headerBlock(requestHeaders(listRooms));
const call = (stream: number, ...parts: readonly Buffer[]): Buffer[] => [
  frame(frameTypes.headers, frameFlags.endHeaders, stream, Buffer.concat(parts)),
  data(stream, question, { end: true }),
];
const faulty = (name: string, ...parts: readonly Buffer[]): FrameCase => ({
  name,
  sends: call(1, ...parts),
  outcome: connectionError('compressionError'),
});

/** A name of the static table (RFC 7541, appendix A), not indexed, with a value of 4 bytes of Huffman code. */
const huffman = (...code: readonly number[]): Buffer => Buffer.from([0x0f, 0x04, 0x80 | code.length, ...code]);

/** The newest entry of the dynamic table, after the 61 of the static one. */
const newest = 62;

const goodCases: readonly FrameCase[] = [
  {
    name: 'indexed headers of the static table is answered [RFC 7541 6.1]',
    sends: call(
      1,
      Buffer.from([0x83, 0x86]),
      headerBlock(requestHeaders(listRooms).filter(([name]) => name !== ':method' && name !== ':scheme')),
    ),
    outcome: answers(1),
  },
  {
    name: 'headers that it indexes, and then only their index, is answered [RFC 7541 6.1, 6.2.1]',
    sends: [
      ...call(1, ...requestHeaders(listRooms).map(([name, value]) => indexing(name, value))),
      // The first of six is the oldest.
      ...call(3, ...[5, 4, 3, 2, 1, 0].map((age) => Buffer.from([0x80 | (newest + age)]))),
    ],
    outcome: answers(3),
  },
  {
    name: 'headers that are never to be indexed is answered [RFC 7541 6.2.3]',
    sends: call(1, block, Buffer.concat([Buffer.from([0x10]), plainString('x-test'), plainString('value')])),
    outcome: answers(1),
  },
  {
    name: 'a value in Huffman code is answered [RFC 7541 5.2]',
    // "custom-value" of RFC 7541, appendix C.4.3.
    sends: call(
      1,
      block,
      Buffer.concat([Buffer.from([0x00]), plainString('x-test'), Buffer.from('8925a849e95bb8e8b4bf', 'hex')]),
    ),
    outcome: answers(1),
  },
  {
    name: 'dynamic table sizes of 0 and then 4,096 before the headers is answered [RFC 7541 4.2, 6.3]',
    sends: call(1, hpackInteger(0, 5, 0x20), hpackInteger(4096, 5, 0x20), block),
    outcome: answers(1),
  },
];

const faultyCases: readonly FrameCase[] = [
  faulty('an index of 0 loses the connection [RFC 7541 6.1]', Buffer.from([0x80]), block),
  faulty('an index beyond the tables loses the connection [RFC 7541 2.3.3]', block, hpackInteger(70, 7, 0x80)),
  faulty(
    'a literal whose name is an index beyond the tables loses the connection [RFC 7541 2.3.3]',
    block,
    Buffer.concat([hpackInteger(70, 6, 0x40), plainString('value')]),
  ),
  faulty(
    'an integer of more bytes than any number needs loses the connection [RFC 7541 5.1]',
    block,
    Buffer.from([0xff, ...Array.from({ length: 12 }, () => 0xff), 0x01]),
  ),
  faulty('a dynamic table size after a header loses the connection [RFC 7541 4.2]', block, hpackInteger(100, 5, 0x20)),
  faulty(
    'a dynamic table size above what was agreed loses the connection [RFC 7541 6.3]',
    hpackInteger(65_537, 5, 0x20),
    block,
  ),
  // The code of "a" is 00011; after it come bits of padding (RFC 7541, section 5.2).
  faulty('Huffman code padded by more than 7 bits loses the connection [RFC 7541 5.2]', block, huffman(0x1f, 0xff)),
  faulty('Huffman code padded by zeros loses the connection [RFC 7541 5.2]', block, huffman(0x18)),
  faulty('Huffman code with EOS in it loses the connection [RFC 7541 5.2]', block, huffman(0xff, 0xff, 0xff, 0xff)),
  faulty(
    'a string that is longer than its block loses the connection [RFC 9113 4.3]',
    block,
    Buffer.from([0x00, 0x05, 0x61]),
  ),
  faulty('a header block that is cut off in a header loses the connection [RFC 9113 4.3]', block.subarray(0, -3)),
  {
    name: 'a faulty header block in the trailers loses the connection [RFC 9113 4.3]',
    first: [request(1, '/chit.v1.ChatService/Chat')],
    sends: [frame(frameTypes.headers, frameFlags.endHeaders | frameFlags.endStream, 1, Buffer.from([0x80]))],
    outcome: connectionError('compressionError'),
  },
];

/** A literal that the reader is to keep in its dynamic table (RFC 7541, section 6.2.1). */
function indexing(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0x40]), literal(name, value).subarray(1)]);
}

describeFrameCases('HTTP/2 header compression', {
  'that is right': goodCases,
  'that is not': faultyCases,
});
