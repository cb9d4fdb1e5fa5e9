import { connect } from 'node:net';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { framesIn, frameTypes } from '../server/rpc/http2-frames.js';
import { eventually } from '../system/eventually.js';
import type { HostileConnection, Moment } from './hostile-connection.js';

/**
 * How long a connection waits for the server to say something, in milliseconds: long enough that a busy server is not only sent
 * more and more before it has read what came first.
 */
const answerMsMax = 100;

/** How long the server may take to close a connection that it has said is over, in milliseconds. */
export const closeMsMax = 5_000;

export interface Played {
  /** The server was reached at all. */
  readonly connected: boolean;
  readonly packets: number;
  readonly bytes: number;
  /** The server said that the connection is over, by a GOAWAY with an error. */
  readonly sentAway: boolean;
  /** It said so, and did not close it. */
  readonly lingered: boolean;
}

/** Plays one connection to its end. Never rejects, and leaves no socket behind. */
export async function playConnection(
  { packets, ending }: HostileConnection,
  to: { readonly host: string; readonly port: number; readonly localAddress?: string },
): Promise<Played> {
  const socket = connect({ ...to, noDelay: true });
  let received: Buffer = Buffer.alloc(0);
  let heard = 0;
  let connected = false;
  let closed = false;
  let sentAway = false;
  socket.on('connect', () => {
    connected = true;
  });
  socket.on('data', (bytes) => {
    heard += 1;
    const { frames, length } = framesIn(Buffer.concat([received, bytes]));
    received = Buffer.concat([received, bytes]).subarray(length);
    sentAway ||= frames.some(({ type, payload }) => type === frameTypes.goAway && payload.readUInt32BE(4) !== 0);
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
  });

  const waitForAnswer = async (): Promise<void> => {
    const before = heard;
    await eventually('an answer', () => heard > before || closed, answerMsMax).catch(() => {});
  };
  const until = async (moment: Moment): Promise<void> => {
    if (moment === 'next-turn') await nextTurn();
    if (moment === '1-ms') await pause(1);
    if (moment === '2-ms') await pause(2);
    if (moment === 'answered') await waitForAnswer();
  };

  let [sent, bytes] = [0, 0];
  await eventually('the connection', () => connected || closed, closeMsMax).catch(() => {});
  for (const packet of packets) {
    await until(packet.moment);
    if (!connected || !socket.writable) break;
    socket.write(packet.bytes);
    sent += 1;
    bytes += packet.bytes.length;
  }
  if (ending === 'waits-for-the-server') await waitForAnswer();
  if (ending === 'ends') socket.end();
  let lingered = false;
  if (ending !== 'resets') {
    await waitForAnswer();
    if (sentAway) await eventually('the end', () => closed, closeMsMax).catch(() => {});
    lingered = sentAway && !closed;
    socket.destroy();
  } else {
    // What is written and not yet sent would be lost with the connection.
    await nextTurn();
    socket.resetAndDestroy();
  }
  return { connected, packets: sent, bytes, sentAway, lingered };
}
