import { type NodeBinary, nodeLines, nodeOfLine, runningNode } from '../nodes/node-lines.js';
import { printHelpIfAsked } from '../scripts/script-help.js';
import { FuzzUsage, fuzzOptions } from './fuzz-options.js';
import { fuzz } from './fuzz-run.js';

const help = `npm run fuzz -- [OPTIONS]

Sends a real server frames and gRPC messages that no client should send, while two clients chat beside it. Prints a line of JSON
for each Node and, if the server died, the packets before that. Connection N of a seed sends the same each time: --from N
--connections 1 repeats it.

  --seed N         decides what each connection sends (1)
  --seconds N      how long (60)
  --node PATH      the Node binary that the server runs on (this one)
  --nodes          one run on each of Node 20, 22 and 24
  --from N         the number of the first connection (0)
  --connections N  how many at most (no limit but the time)
  --at-once N      how many at the same time (16)

Exit codes:
  0  the server lived and nothing is wrong
  1  it died, or something is wrong
  2  the command line makes no sense
`;

async function main(args: readonly string[]): Promise<number> {
  printHelpIfAsked(args, help);
  const options = fuzzOptions(args);
  let code = 0;
  for (const node of await nodes(options)) {
    const { death, ...report } = await fuzz(options, node);
    process.stdout.write(`${JSON.stringify(report)}\n`);
    if (death.length > 0) process.stdout.write(`seed ${options.seed}\n${death.join('\n')}\n`);
    if (report.findings.length > 0) code = 1;
  }
  return code;
}

async function nodes({ node, nodes: all }: { node: string | undefined; nodes: boolean }): Promise<NodeBinary[]> {
  if (node !== undefined) return [{ name: node, path: node }];
  if (!all || nodeLines.length === 0) return [runningNode];
  return Promise.all(nodeLines.map((line) => nodeOfLine(line)));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof FuzzUsage)) throw error;
  process.stderr.write(`fuzz: ${error.message}\n`);
  process.exitCode = 2;
}
