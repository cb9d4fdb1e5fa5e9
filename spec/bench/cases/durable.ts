import type { Endings } from '../../system/endings.js';
import type { Bench } from '../case.js';
import { Crowd } from '../crowd.js';
import { BareHttp2 } from '../subjects/bare-http2.js';
import type { Subject } from '../subjects/subject.js';

/**
 * Publishing alone: the one reader is the one who speaks, and a message that has come back is durable. With one message
 * under way, a durable round trip; with many, how many messages a second the store takes. Beside it a program that appends, flushes
 * and echoes, and nothing else: the limit.
 */
export async function durable({ sizes, endings, against, forEachBuild, report }: Bench): Promise<void> {
  const { warmUpSeconds, seconds } = sizes;
  const measure = async (subject: Subject, inUse: Endings): Promise<void> => {
    const crowd = new Crowd(subject);
    await crowd.join(inUse, 1);
    for (const underWay of sizes.durableUnderWay) {
      const figures = await crowd.measure({ speakers: 1, underWay, warmUpSeconds, seconds });
      report(`1 participant, W=${underWay}`, subject.name, figures);
    }
  };
  await forEachBuild(measure);
  if (against === undefined) await measure(await BareHttp2.startDurable(endings), endings);
}
