import { Endings } from '../../system/endings.js';
import type { Bench } from '../case.js';
import { Crowd } from '../crowd.js';
import { LastReceipt } from '../load/last-receipt.js';
import { pace } from '../load/pace.js';
import { leastWindow } from '../load/receive-windows.js';
import { Samples } from '../load/samples.js';
import { ChitServer } from '../subjects/chit-server.js';

/** How long the slow one waits after each read, which takes about 64 KiB, in milliseconds: less than is said. */
const slowPauseMs = 2_000;

const company = [
  { who: 'all read', pauseMs: 0 },
  { who: 'one more reads slowly', pauseMs: slowPauseMs },
  { who: 'one more never reads', pauseMs: Number.POSITIVE_INFINITY },
];

/**
 * What one participant that reads slowly, or never, costs the others (from author to the last of those who read) and the
 * server (its own memory, after its garbage is collected) [P10].
 */
export async function slowReader({ sizes, report }: Bench): Promise<void> {
  for (const { who, pauseMs } of company) {
    const endings = new Endings();
    try {
      const server = await ChitServer.start(endings);
      const slow = pauseMs > 0 ? server.join(endings, { window: leastWindow, name: 'Slow' }) : undefined;
      const crowd = new Crowd(server);
      if (slow) {
        await crowd.until('the slow one has joined', () => slow.place === 1);
        slow.slowDown(pauseMs);
      }
      await crowd.join(endings, sizes.slowParticipants, slow ? 1 : 0);
      const [speaker] = crowd.members;
      if (!speaker) return;
      const samples = new Samples();
      const receipts = new LastReceipt(crowd.members, crowd.goal, samples);
      const say = (): void => {
        receipts.said();
        speaker.speaker.say(1);
      };
      await pace(sizes.slowPerSecond, Math.ceil(sizes.warmUpSeconds * sizes.slowPerSecond), say);
      await crowd.settle();
      samples.clear();
      const figures = await crowd.during(async () => {
        await pace(sizes.slowPerSecond, Math.ceil(2 * sizes.seconds * sizes.slowPerSecond), say);
        await crowd.settle();
      });
      const memoryBytes = await server.heldBytes();
      if (slow) {
        // It may have been left behind, but never lied to: what it goes on to read has no gap.
        slow.slowDown(0);
        const late = new Crowd(server);
        late.members.push(slow);
        await late.untilAllAt(crowd.goal);
      }
      const setting = `${sizes.slowParticipants} read, ${sizes.slowPerSecond} a second: ${who}`;
      report(setting, server.name, { ...figures, ...samples.summary(), memoryBytes, paced: true });
    } finally {
      await endings.run();
    }
  }
}
