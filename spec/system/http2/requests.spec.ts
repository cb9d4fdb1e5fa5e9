import { expect } from 'chai';
import {
  data,
  frame,
  frameFlags,
  frameTypes,
  grpcMessage,
  headerBlock,
  request,
  requestHeaders,
} from '../../server/rpc/http2-frames.js';
import {
  answers,
  chat,
  closes,
  describeFrameCases,
  either,
  type FrameCase,
  listRooms,
  type Outcome,
  streamError,
} from './frame-case.js';

const { endHeaders, endStream } = frameFlags;
type Headers = readonly (readonly [string, string])[];

const question = grpcMessage(Buffer.alloc(0));
const headers = (list: Headers, flags: number = endHeaders): Buffer =>
  frame(frameTypes.headers, flags, 1, headerBlock(list));

const call = requestHeaders(listRooms);
const [method, scheme, path, authority, contentType, te] = call as [
  readonly [string, string],
  readonly [string, string],
  readonly [string, string],
  readonly [string, string],
  readonly [string, string],
  readonly [string, string],
];

/** The connection ends, and the call on it was not answered. */
const endsUnanswered: Outcome = async (peer) => {
  await closes(peer);
  expect(peer.isAnswered(1), peer.told()).to.equal(false);
};

/** A malformed request: a stream error (RFC 9113, section 8.1.1). */
const malformed = (name: string, list: Headers): FrameCase => ({
  name,
  sends: [headers(list), data(1, question, { end: true })],
  outcome: streamError(1, 'protocolError'),
});

// Left out, for nghttp2 passes over such a header instead: RFC 9113, section 8.2.1, has a request malformed whose names have a space
// or a control character, or whose values have NUL, CR or LF. None of them reaches the server above node:http2.
const headerCases: readonly FrameCase[] = [
  malformed('a name with a capital loses the stream [RFC 9113 8.2.1]', [...call, ['X-Test', 'ok']]),
  malformed('Connection loses the stream [RFC 9113 8.2.2]', [...call, ['connection', 'keep-alive']]),
  malformed('Transfer-Encoding loses the stream [RFC 9113 8.2.2]', [...call, ['transfer-encoding', 'chunked']]),
  malformed('Upgrade loses the stream [RFC 9113 8.2.2]', [...call, ['upgrade', 'h2c']]),
  malformed('TE with something other than trailers loses the stream [RFC 9113 8.2.2]', [
    ...call.slice(0, -1),
    ['te', 'trailers, deflate'],
  ]),
];

const pseudoHeaderCases: readonly FrameCase[] = [
  malformed('a pseudo-header that nobody knows loses the stream [RFC 9113 8.3]', [[':test', 'ok'], ...call]),
  malformed('the pseudo-header of an answer loses the stream [RFC 9113 8.3]', [[':status', '200'], ...call]),
  malformed('a pseudo-header after another header loses the stream [RFC 9113 8.3]', [
    method,
    scheme,
    authority,
    contentType,
    path,
    te,
  ]),
  malformed('an empty :path loses the stream [RFC 9113 8.3.1]', [
    method,
    scheme,
    [':path', ''],
    authority,
    contentType,
    te,
  ]),
  ...(
    [
      ['no :method', method],
      ['no :scheme', scheme],
      ['no :path', path],
    ] as const
  ).map(([what, left]) =>
    malformed(
      `${what} loses the stream [RFC 9113 8.3.1]`,
      call.filter((one) => one !== left),
    ),
  ),
  ...([method, scheme, path, authority] as const).map((one) =>
    malformed(`${one[0]} twice loses the stream [RFC 9113 8.3]`, [one, ...call]),
  ),
];

const bodyCases: readonly FrameCase[] = [
  {
    name: 'trailers is answered [RFC 9113 8.1]',
    sends: [headers(call), data(1, question), headers([['x-trailer', 'ok']], endHeaders | endStream)],
    outcome: answers(1),
  },
  {
    name: 'HEADERS again, without the end of the stream, loses the stream [RFC 9113 8.1]',
    first: [request(1, chat)],
    sends: [headers([['x-trailer', 'ok']])],
    outcome: streamError(1, 'protocolError'),
  },
  {
    name: 'a pseudo-header among the trailers loses the stream [RFC 9113 8.1, 8.3]',
    first: [request(1, chat)],
    sends: [data(1, question), headers([[':method', 'POST']], endHeaders | endStream)],
    outcome: streamError(1, 'protocolError'),
  },
  {
    name: 'a content-length that fits is answered [RFC 9113 8.1.1]',
    sends: [headers([...call, ['content-length', '5']]), data(1, question, { end: true })],
    outcome: answers(1),
  },
  {
    name: 'a content-length that its DATA does not fit loses the stream, and perhaps the connection [RFC 9113 5.4, 8.1.1]',
    sends: [headers([...call, ['content-length', '1']]), data(1, question, { end: true })],
    // Node 22 and 24 end the connection, and may do so before its RST_STREAM has gone out.
    outcome: either(streamError(1, 'protocolError'), endsUnanswered),
  },
  {
    name: 'a content-length that its pieces of DATA together do not fit loses the stream [RFC 9113 8.1.1]',
    sends: [
      headers([...call, ['content-length', '6']]),
      data(1, question.subarray(0, 2)),
      data(1, question.subarray(2), { end: true }),
    ],
    outcome: streamError(1, 'protocolError'),
  },
];

describeFrameCases('HTTP/2 requests', {
  'with headers': headerCases,
  'with pseudo-headers': pseudoHeaderCases,
  'with a body': bodyCases,
});
