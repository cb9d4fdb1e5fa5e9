import type { Bench } from '../case.js';
import { Crowd } from '../crowd.js';

/**
 * Publishing alone: the one reader is the one who speaks, and a message that has come back is durable. With one message
 * under way, a durable round trip; with many, how many messages a second the log takes.
 */
export async function durable({ sizes, forEachBuild, report }: Bench): Promise<void> {
  const { warmUpSeconds, seconds } = sizes;
  await forEachBuild(async (server, endings) => {
    const crowd = new Crowd(server);
    await crowd.join(endings, 1);
    for (const underWay of sizes.durableUnderWay) {
      const figures = await crowd.measure({ speakers: 1, underWay, warmUpSeconds, seconds });
      report(`1 participant, W=${underWay}`, server.name, figures);
    }
  });
}
