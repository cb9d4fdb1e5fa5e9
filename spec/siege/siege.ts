import { runningNode } from '../nodes/node-lines.js';
import { attacks } from './attacks.js';
import { SiegeUsage, siegeOptions } from './siege-options.js';
import { siege } from './siege-run.js';

/**
 * `npm run siege -- [--seconds S] [--storm N] [--one-address] [--without ATTACK]… [--growth-max MB] [--seed N]
 * [--node PATH]`: hostile frames, floods of reads that nobody takes, storms and abuse within the limits, all at once against a real server
 * with its default limits. Prints one JSON line; ends with 0 if the server lived, grew by no more than `--growth-max` (100), a
 * bystander's p99 stayed under 250 ms and nobody honest lost a session, 1 if not, 2 for a command line that makes no sense.
 */
async function main(args: readonly string[]): Promise<number> {
  const { node, ...options } = siegeOptions(args, Object.keys(attacks));
  const binary = node === undefined ? runningNode : { name: node, path: node };
  const report = await siege(options, (line) => process.stderr.write(`${line}\n`), binary);
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return report.findings.length > 0 ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SiegeUsage)) throw error;
  process.stderr.write(`siege: ${error.message}\n`);
  process.exitCode = 2;
}
