import type { Bench } from '../case.js';
import { Crowd } from '../crowd.js';

/** Participants who speak; all others listen. */
const speakers = 4;

/** What is said goes to everybody: how many deliveries a second, and at which price, with so many under way for each speaker. */
export async function fanOut({ sizes, forEachSubject, report }: Bench): Promise<void> {
  const { warmUpSeconds, seconds } = sizes;
  for (const participants of sizes.fanOutParticipants) {
    await forEachSubject(async (subject, endings) => {
      const crowd = new Crowd(subject);
      await crowd.join(endings, participants);
      for (const underWay of sizes.fanOutUnderWay) {
        const figures = await crowd.measure({ speakers, underWay, warmUpSeconds, seconds });
        report(`${participants} participants, W=${underWay}`, subject.name, figures);
      }
    });
  }
}
