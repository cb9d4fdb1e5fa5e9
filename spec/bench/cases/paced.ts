import type { Bench } from '../case.js';
import { Crowd } from '../crowd.js';
import { LastReceipt } from '../load/last-receipt.js';
import { pace } from '../load/pace.js';
import { Samples } from '../load/samples.js';

const perSecond = 50;

/** A room as people use it: fifty messages a second, and how long each takes from its author to the last who receives it. */
export async function paced({ sizes, forEachSubject, report }: Bench): Promise<void> {
  await forEachSubject(async (subject, endings) => {
    const crowd = new Crowd(subject);
    await crowd.join(endings, sizes.pacedParticipants);
    const [speaker] = crowd.members;
    if (!speaker) return;
    const samples = new Samples();
    const receipts = new LastReceipt(crowd.members, crowd.goal, samples);
    const say = (): void => {
      receipts.said();
      speaker.speaker.say(1);
    };
    await pace(perSecond, Math.ceil(sizes.warmUpSeconds * perSecond), say);
    await crowd.settle();
    samples.clear();
    const count = Math.ceil(2 * sizes.seconds * perSecond);
    const figures = await crowd.during(async () => {
      await pace(perSecond, count, say);
      await crowd.settle();
    });
    if (samples.count !== count) throw new Error(`${samples.count} of ${count} messages came to all`);
    const setting = `${sizes.pacedParticipants} participants, ${perSecond} a second`;
    report(setting, subject.name, { ...figures, ...samples.summary(), paced: true });
  });
}
