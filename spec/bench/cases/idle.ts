import type { Endings } from '../../system/endings.js';
import type { Bench } from '../case.js';
import { Crowd } from '../crowd.js';
import { BareHttp2 } from '../subjects/bare-http2.js';
import type { Subject } from '../subjects/subject.js';

/** What a participant costs that only listens, in memory of the server's own; also of node:http2 behind our gates. */
export async function idle({ sizes, endings, forEachSubject, report }: Bench): Promise<void> {
  const measure = async (subject: Subject, inUse: Endings): Promise<void> => {
    const crowd = new Crowd(subject);
    const before = await subject.heldBytes();
    for (const participants of sizes.idleParticipants) {
      await crowd.join(inUse, participants - crowd.members.length);
      const memoryBytes = ((await subject.heldBytes()) - before) / participants;
      report(`each of ${participants} participants`, subject.name, { memoryBytes });
    }
  };
  await forEachSubject(measure);
  await measure(await BareHttp2.startGated(endings), endings);
}
