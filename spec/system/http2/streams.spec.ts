import { expect } from 'chai';
import {
  data,
  frame,
  frameFlags,
  frameTypes,
  goAway,
  grpcMessage,
  headerBlock,
  literal,
  priority,
  request,
  requestHeaders,
  reset,
  windowUpdate,
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
  type Outcome,
  streamError,
  watch,
} from './frame-case.js';

const { endHeaders } = frameFlags;
const question = grpcMessage(Buffer.alloc(0));
const continuation = (stream: number): Buffer =>
  frame(frameTypes.continuation, endHeaders, stream, literal('x-test', 'value'));
const trailers = (stream: number): Buffer =>
  frame(frameTypes.headers, endHeaders | frameFlags.endStream, stream, literal('x-test', 'value'));
const call = (stream: number): Buffer[] => [request(stream, listRooms), data(stream, question, { end: true })];

/** A call whose caller has ended its side, and which the server holds open. */
const halfClosed = [request(1, watch), data(1, question, { end: true })];

const idleCases: readonly FrameCase[] = [
  { name: 'DATA of it loses the connection', sends: [data(1, question)], outcome: connectionError('protocolError') },
  { name: 'RST_STREAM of it loses the connection', sends: [reset(1)], outcome: connectionError('protocolError') },
  {
    name: 'WINDOW_UPDATE of it loses the connection',
    sends: [windowUpdate(1, 100)],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'CONTINUATION of it loses the connection',
    sends: [continuation(1)],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'RST_STREAM of one that only the server could have begun loses the connection',
    sends: [reset(2)],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'PRIORITY of it has that passed over, and can begin it',
    sends: [priority(1), priority(99), ...call(1)],
    outcome: answers(1),
  },
];

const halfClosedCases: readonly FrameCase[] = [
  {
    name: 'DATA of it loses the connection or the stream',
    first: halfClosed,
    sends: [data(1, question)],
    outcome: either(connectionError('streamClosed'), streamError(1, 'streamClosed')),
  },
  {
    name: 'HEADERS of it loses the connection or the stream',
    first: halfClosed,
    sends: [trailers(1)],
    outcome: either(connectionError('streamClosed'), streamError(1, 'streamClosed')),
  },
  {
    name: 'CONTINUATION of it loses the connection',
    first: halfClosed,
    sends: [continuation(1)],
    outcome: connectionError('streamClosed', 'protocolError'),
  },
  { name: 'WINDOW_UPDATE of it goes on', first: halfClosed, sends: [windowUpdate(1, 1000)], outcome: goesOn },
  { name: 'PRIORITY of it goes on', first: halfClosed, sends: [priority(1)], outcome: goesOn },
  { name: 'RST_STREAM of it goes on', first: halfClosed, sends: [reset(1), ...call(3)], outcome: answers(3) },
];

const resetCases: readonly FrameCase[] = [
  {
    name: 'DATA of it loses the connection or the stream',
    first: [request(1, chat)],
    sends: [reset(1), data(1, question)],
    outcome: either(connectionError('streamClosed'), streamError(1, 'streamClosed')),
  },
  {
    name: 'HEADERS of it loses the connection or the stream',
    first: [request(1, chat)],
    sends: [reset(1), request(1, chat)],
    outcome: either(connectionError('streamClosed', 'protocolError'), streamError(1, 'streamClosed')),
  },
  {
    name: 'CONTINUATION of it loses the connection',
    first: [request(1, chat)],
    sends: [reset(1), continuation(1)],
    outcome: connectionError('streamClosed', 'protocolError'),
  },
  {
    name: 'PRIORITY and RST_STREAM of it goes on',
    first: [request(1, chat)],
    sends: [reset(1), priority(1), reset(1), ...call(3)],
    outcome: answers(3),
  },
];

const endedCases: readonly FrameCase[] = [
  {
    name: 'DATA of it loses the connection or the stream',
    first: call(1),
    answered: [1],
    sends: [data(1, question)],
    outcome: either(connectionError('streamClosed'), streamError(1, 'streamClosed')),
  },
  {
    name: 'HEADERS of it loses the connection or the stream',
    first: call(1),
    answered: [1],
    sends: [trailers(1)],
    outcome: either(connectionError('streamClosed', 'protocolError'), streamError(1, 'streamClosed')),
  },
  {
    name: 'CONTINUATION of it loses the connection',
    first: call(1),
    answered: [1],
    sends: [continuation(1)],
    outcome: connectionError('streamClosed', 'protocolError'),
  },
  {
    name: 'WINDOW_UPDATE, RST_STREAM and PRIORITY of it goes on, for they may have been on their way',
    first: call(1),
    answered: [1],
    sends: [windowUpdate(1, 1000), reset(1), priority(1), ...call(3)],
    outcome: answers(3),
  },
];

const refused = request(1, '/no.such/Method');

/** A later call is answered; the server may have asked to hear no more of the first (RFC 9113, section 8.1). */
const answersNext: Outcome = async (peer) => {
  await either(answers(3), streamError(1, 'noError'))(peer);
  expect(peer.isAnswered(3), peer.told()).to.equal(true);
};

const endedByServerCases: readonly FrameCase[] = [
  {
    name: 'DATA, WINDOW_UPDATE, RST_STREAM of it goes on, for they may have been on their way',
    first: [refused],
    answered: [1],
    sends: [data(1, question), windowUpdate(1, 1000), reset(1), ...call(3)],
    outcome: answersNext,
  },
  {
    name: 'DATA with END_STREAM of it goes on',
    first: [refused],
    answered: [1],
    sends: [data(1, question, { end: true }), ...call(3)],
    outcome: answersNext,
  },
];

const sixteen = Array.from({ length: 16 }, (_, index) => 2 * index + 1);

const identifierCases: readonly FrameCase[] = [
  {
    name: 'HEADERS of an even stream loses the connection [RFC 9113 5.1.1]',
    sends: [request(2, chat)],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'HEADERS of a stream below the newest loses the connection [RFC 9113 5.1.1]',
    first: [request(5, chat)],
    sends: [request(3, chat)],
    outcome: connectionError('protocolError', 'streamClosed'),
  },
  {
    name: 'calls of streams that leave numbers out is answered [RFC 9113 5.1.1]',
    sends: [...call(7), ...call(101), ...call(2 ** 31 - 1)],
    outcome: answers(2 ** 31 - 1),
  },
  {
    name: 'sixteen calls that stay open goes on [RFC 9113 5.1.2]',
    sends: sixteen.map((stream) => request(stream, chat)),
    outcome: goesOn,
  },
  {
    name: 'a seventeenth call loses that one alone [RFC 9113 5.1.2]',
    first: sixteen.map((stream) => request(stream, chat)),
    sends: [request(33, chat)],
    outcome: streamError(33, 'refusedStream'),
  },
  {
    name: 'seventeen calls in one packet loses the last alone [RFC 9113 5.1.2]',
    sends: [...sixteen, 33].map((stream) => request(stream, chat)),
    outcome: streamError(33, 'refusedStream'),
  },
  {
    name: 'a seventeenth call, and then the end of another, can begin the next [RFC 9113 5.1.2]',
    first: [...sixteen, 33].map((stream) => request(stream, chat)),
    sends: [reset(1), ...call(35)],
    outcome: async (peer) => {
      await peer.answered(35);
      peer.write(Buffer.concat(call(37)));
      await peer.answered(37);
      await streamError(33, 'refusedStream')(peer);
    },
  },
];

const priorityCases: readonly FrameCase[] = [
  {
    name: 'HEADERS with a priority is answered [RFC 9113 5.3.2, 6.2]',
    sends: [prioritized(1, 0), data(1, question, { end: true })],
    outcome: answers(1),
  },
  {
    name: 'HEADERS that depends on a stream that is not there is answered [RFC 9113 5.3.2]',
    sends: [prioritized(1, 77), data(1, question, { end: true })],
    outcome: answers(1),
  },
  {
    name: 'PRIORITY of the least and the greatest weight, exclusive or not, goes on [RFC 9113 5.3.2, 6.3]',
    first: [request(1, chat)],
    sends: [priority(1, 0, 1), priority(1, 0, 256), priority(1, 0x80000000), priority(3, 1)],
    outcome: goesOn,
  },
  {
    name: 'PRIORITY of a thousand streams that never begin goes on [RFC 9113 5.3.2]',
    sends: Array.from({ length: 1000 }, (_, index) => priority(2 * index + 1)),
    outcome: goesOn,
  },
  {
    name: 'PRIORITY of stream 0 loses the connection [RFC 9113 6.3]',
    sends: [priority(0)],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'PRIORITY of 4 bytes loses the stream or the connection [RFC 9113 6.3]',
    first: [request(1, chat)],
    sends: [frame(frameTypes.priority, 0, 1, Buffer.alloc(4))],
    outcome: either(streamError(1, 'frameSizeError'), connectionError('frameSizeError')),
  },
];

const goodbyeCases: readonly FrameCase[] = [
  {
    name: 'GOAWAY with an error, and then a call, is sent away',
    first: call(1),
    answered: [1],
    sends: [goAway(2), ...call(3)],
    outcome: closes,
  },
  {
    name: 'GOAWAY with an error in the middle of a call is sent away',
    first: [request(1, chat)],
    sends: [goAway(1)],
    outcome: closes,
  },
];

/** HEADERS of ListRooms with the priority that RFC 9113 only knows to be passed over. */
function prioritized(stream: number, dependsOn: number): Buffer {
  const fields = Buffer.alloc(5, 15);
  fields.writeUInt32BE(dependsOn);
  const block = headerBlock(requestHeaders(listRooms));
  return frame(frameTypes.headers, endHeaders | frameFlags.priority, stream, Buffer.concat([fields, block]));
}

describeFrameCases('HTTP/2 streams', {
  'that are idle [RFC 9113 5.1]': idleCases,
  'that are half-closed (remote) [RFC 9113 5.1]': halfClosedCases,
  'that the client has reset [RFC 9113 5.1]': resetCases,
  'that both sides have ended [RFC 9113 5.1]': endedCases,
  'that only the server has ended [RFC 9113 5.1]': endedByServerCases,
  'and their numbers': identifierCases,
  'with priorities': priorityCases,
  'of a client that goes away [RFC 9113 6.8]': goodbyeCases,
});
