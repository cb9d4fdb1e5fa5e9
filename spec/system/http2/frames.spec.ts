import {
  data,
  frame,
  frameFlags,
  frameTypes,
  goAway,
  grpcMessage,
  headerBlock,
  literal,
  ping,
  priority,
  request,
  requestHeaders,
  reset,
  settings,
} from '../../server/rpc/http2-frames.js';
import {
  answers,
  chat,
  closes,
  connectionError,
  describeFrameCases,
  either,
  type FrameCase,
  goesOn,
  listRooms,
  streamError,
} from './frame-case.js';

const { endHeaders, endStream } = frameFlags;
/** What a stream and the connection take before the server says more (RFC 9113, section 6.5.2), in bytes. */
const frameBytesMax = 16_384;
const question = grpcMessage(Buffer.alloc(0));
const block = headerBlock(requestHeaders(chat));
const someHeader = literal('x-test', 'value');

/** A call that is answered, in two frames. */
const call = (stream: number): Buffer[] => [request(stream, listRooms), data(stream, question, { end: true })];

const formatCases: readonly FrameCase[] = [
  {
    name: 'a call in two frames is answered',
    sends: call(1),
    outcome: answers(1),
  },
  {
    name: 'a frame of an unknown type has it passed over [RFC 9113 4.1, 5.5]',
    sends: [frame(0x16, 0, 0, Buffer.alloc(8)), frame(0xfa, 0xff, 7, Buffer.alloc(8)), ...call(1)],
    outcome: answers(1),
  },
  {
    name: 'a frame of an unknown type in the middle of a header block loses the connection [RFC 9113 5.5]',
    sends: [frame(frameTypes.headers, 0, 1, block), frame(0x16, 0, 0, Buffer.alloc(8))],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'flags that have no meaning has them passed over [RFC 9113 4.1]',
    sends: [frame(frameTypes.ping, 0x16, 0, Buffer.alloc(8)), frame(frameTypes.settings, 0xfe, 0, Buffer.alloc(0))],
    outcome: goesOn,
  },
  {
    name: 'the reserved bit of the stream identifier has it passed over [RFC 9113 4.1]',
    sends: [frame(frameTypes.ping, 0, 0x80000000, Buffer.alloc(8))],
    outcome: goesOn,
  },
  {
    name: 'DATA of exactly 16,384 bytes has it taken [RFC 9113 4.2]',
    sends: [
      request(1, chat),
      data(1, Buffer.concat([grpcMessage(Buffer.alloc(frameBytesMax)).subarray(0, frameBytesMax)])),
    ],
    outcome: goesOn,
  },
  {
    name: 'DATA of more than 16,384 bytes loses the stream or the connection [RFC 9113 4.2]',
    first: [request(1, chat)],
    sends: [data(1, Buffer.alloc(frameBytesMax + 1))],
    outcome: either(streamError(1, 'frameSizeError'), connectionError('frameSizeError')),
  },
  {
    name: 'HEADERS of more than 16,384 bytes loses the connection [RFC 9113 4.2]',
    sends: [
      frame(
        frameTypes.headers,
        endHeaders,
        1,
        Buffer.concat([block, ...Array.from({ length: 5 }, (_, index) => literal(`x-${index}`, 'a'.repeat(4096)))]),
      ),
    ],
    outcome: connectionError('frameSizeError'),
  },
  {
    name: 'SETTINGS of more than 16,384 bytes loses the connection [RFC 9113 4.2]',
    sends: [frame(frameTypes.settings, 0, 0, Buffer.alloc(6 * 2731))],
    outcome: connectionError('frameSizeError'),
  },
  {
    name: 'an unknown frame of more than 16,384 bytes loses the connection [RFC 9113 4.2]',
    sends: [frame(0x16, 0, 0, Buffer.alloc(frameBytesMax + 1))],
    outcome: connectionError('frameSizeError'),
  },
  {
    name: 'PRIORITY in the middle of a header block loses the connection [RFC 9113 4.3, 6.10]',
    sends: [frame(frameTypes.headers, 0, 1, block), priority(1)],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'PING in the middle of a header block loses the connection [RFC 9113 4.3, 6.10]',
    sends: [frame(frameTypes.headers, 0, 1, block), ping()],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'HEADERS of another stream in the middle of a header block loses the connection [RFC 9113 4.3, 6.2]',
    sends: [frame(frameTypes.headers, 0, 1, block), request(3, chat)],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'DATA in the middle of a header block loses the connection [RFC 9113 6.2, 6.10]',
    sends: [frame(frameTypes.headers, 0, 1, block), data(1, question)],
    outcome: connectionError('protocolError'),
  },
];

const continuationCases: readonly FrameCase[] = [
  {
    name: 'a header block in two CONTINUATIONs is answered [RFC 9113 6.10]',
    sends: [
      frame(frameTypes.headers, 0, 1, headerBlock(requestHeaders(listRooms))),
      frame(frameTypes.continuation, 0, 1, someHeader),
      frame(frameTypes.continuation, endHeaders, 1, someHeader),
      data(1, question, { end: true }),
    ],
    outcome: answers(1),
  },
  {
    name: 'a header block cut in the middle of a header is answered [RFC 9113 4.3]',
    sends: [
      frame(frameTypes.headers, 0, 1, headerBlock(requestHeaders(listRooms)).subarray(0, 5)),
      frame(frameTypes.continuation, 0, 1, Buffer.alloc(0)),
      frame(frameTypes.continuation, endHeaders, 1, headerBlock(requestHeaders(listRooms)).subarray(5)),
      data(1, question, { end: true }),
    ],
    outcome: answers(1),
  },
  {
    name: 'CONTINUATION of stream 0 loses the connection [RFC 9113 6.10]',
    sends: [frame(frameTypes.headers, 0, 1, block), frame(frameTypes.continuation, endHeaders, 0, someHeader)],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'CONTINUATION of another stream loses the connection [RFC 9113 6.10]',
    sends: [frame(frameTypes.headers, 0, 1, block), frame(frameTypes.continuation, endHeaders, 3, someHeader)],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'CONTINUATION after HEADERS with END_HEADERS loses the connection [RFC 9113 6.10]',
    sends: [request(1, chat), frame(frameTypes.continuation, endHeaders, 1, someHeader)],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'CONTINUATION after CONTINUATION with END_HEADERS loses the connection [RFC 9113 6.10]',
    sends: [
      frame(frameTypes.headers, 0, 1, block),
      frame(frameTypes.continuation, endHeaders, 1, someHeader),
      frame(frameTypes.continuation, endHeaders, 1, someHeader),
    ],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'CONTINUATION after DATA loses the connection [RFC 9113 6.10]',
    sends: [request(1, chat), data(1, question), frame(frameTypes.continuation, endHeaders, 1, someHeader)],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'CONTINUATION first of all loses the connection [RFC 9113 6.10]',
    sends: [frame(frameTypes.continuation, endHeaders, 1, someHeader)],
    outcome: connectionError('protocolError'),
  },
];

const dataAndHeadersCases: readonly FrameCase[] = [
  {
    name: 'a call with padding is answered [RFC 9113 6.1, 6.2]',
    sends: [
      frame(frameTypes.headers, endHeaders | frameFlags.padded, 1, padded(headerBlock(requestHeaders(listRooms)), 8)),
      frame(frameTypes.data, endStream | frameFlags.padded, 1, padded(question, 200)),
    ],
    outcome: answers(1),
  },
  {
    name: 'a call in many pieces of DATA, some of them empty, is answered [RFC 9113 6.1]',
    sends: [
      request(1, listRooms),
      ...[...question].flatMap((octet) => [data(1, Buffer.alloc(0)), data(1, Buffer.from([octet]))]),
      data(1, Buffer.alloc(0), { end: true }),
    ],
    outcome: answers(1),
  },
  {
    name: 'DATA of stream 0 loses the connection [RFC 9113 6.1]',
    sends: [data(0, question)],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'DATA that is padded beyond its end loses the connection [RFC 9113 6.1]',
    first: [request(1, chat)],
    sends: [frame(frameTypes.data, frameFlags.padded, 1, Buffer.from([5, 1, 2, 3, 4]))],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'HEADERS of stream 0 loses the connection [RFC 9113 6.2]',
    sends: [request(0, chat)],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'HEADERS that is padded beyond its end loses the connection [RFC 9113 6.2]',
    sends: [frame(frameTypes.headers, endHeaders | frameFlags.padded, 1, Buffer.concat([Buffer.from([255]), block]))],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'HEADERS whose padding flag has no length after it loses the connection [RFC 9113 4.2, 6.2]',
    sends: [frame(frameTypes.headers, endHeaders | frameFlags.padded, 1, Buffer.alloc(0))],
    outcome: connectionError('protocolError', 'frameSizeError'),
  },
  {
    name: 'HEADERS whose priority flag has no priority after it loses the connection [RFC 9113 4.2, 6.2]',
    sends: [frame(frameTypes.headers, endHeaders | frameFlags.priority, 1, Buffer.alloc(4))],
    outcome: connectionError('protocolError', 'frameSizeError'),
  },
];

const otherTypesCases: readonly FrameCase[] = [
  {
    name: 'RST_STREAM of an open stream goes on [RFC 9113 6.4]',
    first: [request(1, chat)],
    sends: [reset(1), ...call(3)],
    outcome: answers(3),
  },
  {
    name: 'RST_STREAM of stream 0 loses the connection [RFC 9113 6.4]',
    sends: [reset(0)],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'RST_STREAM of 3 bytes loses the connection [RFC 9113 6.4]',
    first: [request(1, chat)],
    sends: [frame(frameTypes.reset, 0, 1, Buffer.alloc(3))],
    outcome: connectionError('frameSizeError'),
  },
  {
    name: 'RST_STREAM of 5 bytes loses the connection [RFC 9113 6.4]',
    first: [request(1, chat)],
    sends: [frame(frameTypes.reset, 0, 1, Buffer.alloc(5))],
    outcome: connectionError('frameSizeError'),
  },
  {
    name: 'PUSH_PROMISE loses the connection [RFC 9113 6.6, 8.4]',
    first: [request(1, chat)],
    sends: [frame(frameTypes.pushPromise, endHeaders, 1, Buffer.concat([Buffer.from([0, 0, 0, 2]), block]))],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'PING gets it back [RFC 9113 6.7]',
    sends: [ping(Buffer.from('whoknows'))],
    outcome: goesOn,
  },
  // Left out, for node:http2 ends the connection: RFC 9113, section 6.7, knows nothing wrong with the answer to a PING that nobody sent.
  {
    name: 'PING of a stream loses the connection [RFC 9113 6.7]',
    sends: [frame(frameTypes.ping, 0, 1, Buffer.alloc(8))],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'PING of 6 bytes loses the connection, which is closed [RFC 9113 5.4.1, 6.7]',
    sends: [frame(frameTypes.ping, 0, 0, Buffer.alloc(6))],
    outcome: connectionError('frameSizeError'),
  },
  {
    name: 'the answer to a PING of 9 bytes loses the connection [RFC 9113 6.7]',
    sends: [frame(frameTypes.ping, frameFlags.ack, 0, Buffer.alloc(9))],
    outcome: connectionError('frameSizeError'),
  },
  {
    name: 'GOAWAY without an error is answered a PING, or sent away [RFC 9113 6.8]',
    sends: [goAway(0)],
    outcome: either(goesOn, closes),
  },
  {
    name: 'GOAWAY of a stream loses the connection [RFC 9113 6.8]',
    sends: [frame(frameTypes.goAway, 0, 1, Buffer.alloc(8))],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'GOAWAY of 7 bytes loses the connection [RFC 9113 4.2, 6.8]',
    sends: [frame(frameTypes.goAway, 0, 0, Buffer.alloc(7))],
    outcome: connectionError('frameSizeError'),
  },
  {
    name: 'SETTINGS after the first gets an answer to each [RFC 9113 6.5.3]',
    sends: [settings, settings],
    outcome: goesOn,
  },
];

/** The payload of a padded frame. */
function padded(payload: Buffer, length: number): Buffer {
  return Buffer.concat([Buffer.from([length]), payload, Buffer.alloc(length)]);
}

describeFrameCases('HTTP/2 frames', {
  'of any type': formatCases,
  'that go on with a header block': continuationCases,
  'with DATA and HEADERS': dataAndHeadersCases,
  'of other types': otherTypesCases,
});
