import { expect } from 'chai';
import {
  data,
  errorCodes,
  frame,
  frameFlags,
  frameTypes,
  grpcMessage,
  request,
  settingNames,
  settings,
  settingsAck,
  settingsOf,
  windowUpdate,
} from '../../server/rpc/http2-frames.js';
import { eventually } from '../eventually.js';
import {
  answers,
  chat,
  closes,
  connectionError,
  describeFrameCases,
  type ErrorCode,
  either,
  type FrameCase,
  goesOn,
  listRooms,
  type Outcome,
  streamError,
} from './frame-case.js';
import { patienceMs } from './wire-peer.js';

const question = grpcMessage(Buffer.alloc(0));
const call = (stream: number): Buffer[] => [request(stream, listRooms), data(stream, question, { end: true })];
/** RFC 9113, section 6.9.1. */
const windowMax = 2 ** 31 - 1;

/** What node:http2 says to a fault that nghttp2 finds, and not the frame gate, as where there are no fast lanes: it closes the connection with another code than it should. */
const byNode = 'internalError';

/** What a peer sends of settings that it must not, and the error that it is [RFC 9113 6.5.2; RFC 8441 3; RFC 9218 2.1]. */
const badSettings: readonly (readonly [string, ErrorCode, ...(readonly [setting: number, value: number])[]])[] = [
  ['ENABLE_PUSH of 2', 'protocolError', [settingNames.enablePush, 2]],
  ['INITIAL_WINDOW_SIZE of 2^31', 'flowControlError', [settingNames.initialWindowSize, 2 ** 31]],
  [
    'INITIAL_WINDOW_SIZE of 2^32 - 1, and a good one after it',
    'flowControlError',
    [settingNames.initialWindowSize, 2 ** 32 - 1],
    [settingNames.initialWindowSize, 1],
  ],
  ['MAX_FRAME_SIZE of 16,383', 'protocolError', [settingNames.maxFrameSize, 16_383]],
  ['MAX_FRAME_SIZE of 2^24', 'protocolError', [settingNames.maxFrameSize, 2 ** 24]],
  ['ENABLE_CONNECT_PROTOCOL of 2', 'protocolError', [settingNames.enableConnectProtocol, 2]],
  ['NO_RFC7540_PRIORITIES of 2', 'protocolError', [settingNames.noPriorities, 2]],
  ['33 settings in one frame', 'enhanceYourCalm', ...manySettings(33)],
];

function manySettings(count: number): (readonly [number, number])[] {
  return Array.from({ length: count }, (_, index) => [index % 2 ? 0xff : settingNames.initialWindowSize, 65_535]);
}

/** Each of so many SETTINGS was answered, the one of the opening too, and nothing went wrong. */
function acknowledges(count: number): Outcome {
  return async (peer) => {
    await goesOn(peer);
    expect(peer.settingsAcks(), peer.told()).to.equal(1 + count);
  };
}

const settingsCases: readonly FrameCase[] = [
  {
    name: 'SETTINGS three times gets as many answers [RFC 9113 6.5.3]',
    sends: [settings, settingsOf([settingNames.maxConcurrentStreams, 5]), settings],
    outcome: acknowledges(3),
  },
  {
    name: 'settings that nobody knows has them passed over [RFC 9113 6.5.2]',
    sends: [settingsOf([0xff, 1], [0x1ff, 0xffffffff]), ...call(1)],
    outcome: answers(1),
  },
  {
    name: 'SETTINGS with an acknowledgement and a payload loses the connection [RFC 9113 6.5]',
    sends: [frame(frameTypes.settings, frameFlags.ack, 0, Buffer.alloc(6))],
    outcome: connectionError('frameSizeError'),
  },
  {
    name: 'SETTINGS of a stream loses the connection [RFC 9113 6.5]',
    sends: [frame(frameTypes.settings, 0, 1, Buffer.alloc(0))],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'SETTINGS of 3 bytes loses the connection [RFC 9113 6.5]',
    sends: [frame(frameTypes.settings, 0, 0, Buffer.alloc(3))],
    outcome: connectionError('frameSizeError'),
  },
  {
    name: 'SETTINGS of 7 bytes loses the connection [RFC 9113 6.5]',
    sends: [frame(frameTypes.settings, 0, 0, Buffer.alloc(7))],
    outcome: connectionError('frameSizeError'),
  },
  ...badSettings.flatMap(([what, code, ...values]): FrameCase[] => [
    {
      name: `${what} before its first call loses the connection`,
      sends: [settingsOf(...values), ...call(1)],
      outcome: connectionError(code),
    },
    {
      name: `${what} in the middle of a call loses the connection`,
      first: [request(1, chat)],
      sends: [settingsOf(...values)],
      outcome: connectionError(code),
    },
  ]),
  {
    name: '32 settings in one frame is answered, before a call and after it',
    first: [settingsOf(...manySettings(32)), ...call(1)],
    sends: [settingsOf(...manySettings(32)), ...call(3)],
    outcome: answers(3),
  },
  {
    name: 'all settings at their least and at their greatest is answered [RFC 9113 6.5.2]',
    sends: [
      settingsOf(
        [settingNames.headerTableSize, 0],
        [settingNames.enablePush, 0],
        [settingNames.maxConcurrentStreams, 0],
        [settingNames.initialWindowSize, windowMax],
        [settingNames.maxFrameSize, 2 ** 24 - 1],
        [settingNames.maxHeaderListSize, 0xffffffff],
      ),
      settingsOf(
        [settingNames.headerTableSize, 65_536],
        [settingNames.maxConcurrentStreams, 0xffffffff],
        [settingNames.maxFrameSize, 16_384],
      ),
      ...call(1),
    ],
    outcome: answers(1),
  },
];

/** Exactly so much DATA comes on stream 1 for now, and nothing more while other things are answered. */
function sends(bytes: number): Outcome {
  return async (peer) => {
    await eventually(
      () => `${bytes} bytes of DATA; ${peer.told()}`,
      () => peer.dataOf(1).length >= bytes,
      patienceMs,
    );
    await peer.goesOn();
    expect(peer.dataOf(1).length, peer.told()).to.equal(bytes);
  };
}

const windowCases: readonly FrameCase[] = [
  {
    name: 'INITIAL_WINDOW_SIZE of 1 gets one byte of DATA [RFC 9113 6.9.1]',
    first: [settingsOf([settingNames.initialWindowSize, 1])],
    sends: call(1),
    outcome: sends(1),
  },
  {
    name: 'INITIAL_WINDOW_SIZE twice in one frame is held to the second [RFC 9113 6.5.3]',
    first: [settingsOf([settingNames.initialWindowSize, 100], [settingNames.initialWindowSize, 1])],
    sends: call(1),
    outcome: sends(1),
  },
  {
    name: 'a larger INITIAL_WINDOW_SIZE in the middle of a call gets that much more DATA [RFC 9113 6.9.2]',
    first: [settingsOf([settingNames.initialWindowSize, 0]), ...call(1)],
    sends: [settingsOf([settingNames.initialWindowSize, 1])],
    outcome: sends(1),
  },
  {
    name: 'INITIAL_WINDOW_SIZE that makes the window negative gets DATA when it is positive again [RFC 9113 6.9.2]',
    first: [settingsOf([settingNames.initialWindowSize, 3]), ...call(1)],
    sends: [settingsOf([settingNames.initialWindowSize, 2]), windowUpdate(1, 2)],
    outcome: sends(4),
  },
  {
    name: 'WINDOW_UPDATEs of one byte each gets DATA by the byte [RFC 9113 6.9]',
    first: [settingsOf([settingNames.initialWindowSize, 0]), ...call(1)],
    sends: [windowUpdate(1, 1), windowUpdate(1, 1), windowUpdate(1, 1)],
    outcome: sends(3),
  },
  {
    name: 'WINDOW_UPDATE of the connection up to its most goes on [RFC 9113 6.9.1]',
    sends: [windowUpdate(0, windowMax - 65_535), ...call(1)],
    outcome: answers(1),
  },
  {
    name: 'WINDOW_UPDATE of the connection by 0 before its first call loses it [RFC 9113 6.9]',
    sends: [windowUpdate(0, 0)],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'WINDOW_UPDATE of the connection by 0 in the middle of a call loses it [RFC 9113 6.9]',
    first: [request(1, chat)],
    sends: [windowUpdate(0, 0)],
    outcome: connectionError('protocolError'),
  },
  {
    name: 'WINDOW_UPDATE of a stream by 0 loses the stream or the connection [RFC 9113 6.9]',
    first: [request(1, chat)],
    sends: [windowUpdate(1, 0)],
    outcome: either(streamError(1, 'protocolError'), connectionError('protocolError')),
  },
  {
    name: 'WINDOW_UPDATE of 3 bytes loses the connection [RFC 9113 6.9]',
    sends: [frame(frameTypes.windowUpdate, 0, 0, Buffer.alloc(3))],
    outcome: connectionError('frameSizeError'),
  },
  {
    name: 'WINDOW_UPDATE of a stream of 5 bytes loses the connection [RFC 9113 6.9]',
    first: [request(1, chat)],
    sends: [frame(frameTypes.windowUpdate, 0, 1, Buffer.alloc(5, 1))],
    outcome: connectionError('frameSizeError'),
  },
  {
    name: 'WINDOW_UPDATEs of the connection beyond 2^31 - 1 before its first call loses it [RFC 9113 6.9.1]',
    sends: [windowUpdate(0, windowMax), windowUpdate(0, windowMax)],
    outcome: connectionError('flowControlError'),
  },
  {
    name: 'WINDOW_UPDATEs of the connection beyond 2^31 - 1 in the middle of a call loses it [RFC 9113 6.9.1]',
    first: [request(1, chat)],
    sends: [windowUpdate(0, windowMax), windowUpdate(0, windowMax)],
    outcome: connectionError('flowControlError', byNode),
  },
  {
    name: 'WINDOW_UPDATEs of a stream beyond 2^31 - 1 loses the stream, and perhaps the connection [RFC 9113 6.9.1]',
    first: [request(1, chat)],
    sends: [windowUpdate(1, windowMax), windowUpdate(1, windowMax)],
    outcome: async (peer) => {
      await either(streamError(1, 'flowControlError'), closes)(peer);
      // Node 22 and 24 tell of it by the connection's end alone.
      if (peer.resetCode(1) === undefined) await connectionError('flowControlError', 'internalError')(peer);
      else expect(peer.resetCode(1), peer.told()).to.equal(errorCodes.flowControlError);
    },
  },
  {
    name: 'INITIAL_WINDOW_SIZE that takes an open window beyond 2^31 - 1 loses the connection [RFC 9113 6.9.2]',
    first: [request(1, chat), windowUpdate(1, windowMax - 65_535)],
    sends: [settingsOf([settingNames.initialWindowSize, 65_536])],
    outcome: either(connectionError('flowControlError', 'internalError'), streamError(1, 'flowControlError')),
  },
  {
    name: 'more DATA than the server takes of a stream that does not read it loses the stream or the connection [RFC 9113 6.9.1]',
    first: [request(1, '/chit.v1.ChatService/ReadHistory')],
    // Nothing of an unfinished message is read twice, but the window is never said to be larger than it is.
    sends: Array.from({ length: 9 }, () => data(1, Buffer.alloc(16_384))),
    outcome: either(
      streamError(1, 'flowControlError', 'cancel', 'noError'),
      connectionError('flowControlError'),
      goesOn,
    ),
  },
];

const answerCases: readonly FrameCase[] = [
  {
    name: 'an acknowledgement of SETTINGS that the server has not sent loses the connection, or goes on',
    sends: [settingsAck],
    outcome: either(goesOn, connectionError('protocolError')),
  },
];

for (const [which, ...args] of [['with fast lanes'], ['without fast lanes', '--no-fast-lane']] as const) {
  describeFrameCases(
    `HTTP/2 flow control and what is agreed, ${which},`,
    { 'by SETTINGS': settingsCases, 'by windows': windowCases, 'by answers': answerCases },
    args,
  );
}
