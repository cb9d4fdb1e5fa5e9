import { runningNode } from '../nodes/node-lines.js';
import { printHelpIfAsked } from '../scripts/script-help.js';
import { attacks } from './attacks.js';
import { SiegeUsage, siegeOptions } from './siege-options.js';
import { siege } from './siege-run.js';

const help = `npm run siege -- [OPTIONS]

Hostile frames, floods of reads whose replies are never taken, storms and abuse within the limits, all at once against a real
server with its default limits. Prints a line of JSON.

  --seconds N        how long (60)
  --storm N          honest participants whose connections are cut all at once, again and again (2,000)
  --one-address      the attackers come from the honest clients' address
  --without ATTACK   leave one of ${Object.keys(attacks).join(', ')} out; may be given several times
  --growth-max MB    what the server may grow by (100)
  --seed N           decides what the attackers do (1)
  --node PATH        the Node binary that the server runs on (this one)

Exit codes:
  0  the server lived and grew by no more than that, a bystander's p99 stayed under 250 ms, and no honest session was lost
  1  not so
  2  the command line makes no sense
`;

async function main(args: readonly string[]): Promise<number> {
  printHelpIfAsked(args, help);
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
