import type { Endings } from '../../system/endings.js';
import type { Bench } from '../case.js';
import { Crowd } from '../crowd.js';
import type { Subject } from '../subjects/subject.js';

/** Participants who speak; all others listen. */
const speakers = 4;

/**
 * What is said goes to everybody: how many deliveries a second, and at which price, with so many under way for each speaker; then
 * the same with servers that store, and do not flush.
 */
export async function fanOut({ sizes, forEachSubject, forEachUnflushed, report }: Bench): Promise<void> {
  const { warmUpSeconds, seconds } = sizes;
  for (const participants of sizes.fanOutParticipants) {
    const measure = async (subject: Subject, endings: Endings): Promise<void> => {
      const crowd = new Crowd(subject);
      await crowd.join(endings, participants);
      for (const underWay of sizes.fanOutUnderWay) {
        const figures = await crowd.measure({ speakers, underWay, warmUpSeconds, seconds });
        report(`${participants} participants, W=${underWay}`, subject.name, figures);
      }
    };
    await forEachSubject(measure);
    await forEachUnflushed(measure);
  }
}
