import { encodeReadHistoryRequest } from '../../lib/codec/requests.js';
import { preface, settingNames, settingsOf, windowUpdate } from '../server/rpc/http2-frames.js';
import { type Attack, type AttackFigures, asked, fullRoom } from './attack.js';

const connections = 200;
const streams = 16;

/** How long the replies are left lying, and over which time the staggered ones begin, in milliseconds. */
const heldMs = 6_000;
const staggeredMs = 2_000;
const windowMax = 2 ** 31 - 1;

/**
 * Waves of 200 connections that each ask for 16 pages of history and take nothing of them: at one moment or staggered, and with
 * their windows shut, or wide open while nobody reads the socket.
 */
export async function unreadReads(attack: Attack): Promise<AttackFigures> {
  const page = encodeReadHistoryRequest({ room: fullRoom, after: 0, limit: 1000 });
  const questions = Buffer.concat(
    Array.from({ length: streams }, (_, index) => asked(2 * index + 1, 'ReadHistory', page)),
  );
  let waves = 0;
  let asking = 0;
  while (!attack.over) {
    const [staggered, shut] = [waves % 2 === 1, waves % 4 < 2];
    const window = settingsOf([settingNames.initialWindowSize, shut ? 0 : windowMax]);
    const opening = Buffer.concat([preface, window, ...(shut ? [] : [windowUpdate(0, windowMax - 65_535)])]);
    const peers = await Promise.all(
      Array.from({ length: connections }, async (_, number) => {
        if (staggered) await attack.upTo(attack.random.between(0, staggeredMs));
        const peer = attack.peer(2, number, { opening: Buffer.concat([opening, questions]) });
        peer.stopReading();
        asking += streams;
        return peer;
      }),
    );
    await attack.upTo(heldMs);
    for (const peer of peers) peer.destroy();
    waves += 1;
  }
  return { waves, asking };
}
