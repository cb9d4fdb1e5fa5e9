import type { Bench } from '../case.js';
import { Crowd } from '../crowd.js';

/** What a participant costs that only listens, in memory of the server's own. */
export async function idle({ sizes, forEachSubject, report }: Bench): Promise<void> {
  await forEachSubject(async (subject, endings) => {
    const crowd = new Crowd(subject);
    const before = await subject.heldBytes();
    for (const participants of sizes.idleParticipants) {
      await crowd.join(endings, participants - crowd.members.length);
      const memoryBytes = ((await subject.heldBytes()) - before) / participants;
      report(`each of ${participants} participants`, subject.name, { memoryBytes });
    }
  });
}
