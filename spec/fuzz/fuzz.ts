import { type NodeBinary, nodeLines, nodeOfLine, runningNode } from '../nodes/node-lines.js';
import { FuzzUsage, fuzzOptions } from './fuzz-options.js';
import { fuzz } from './fuzz-run.js';

/**
 * `npm run fuzz -- [--seed N] [--seconds S] [--node PATH | --nodes] [--from N] [--connections C] [--at-once K]`: frames and gRPC
 * messages that no client should send, against a real server beside which two chat. Prints one JSON line for each Node, and at a
 * death the packets before it; connection N of a seed sends the same each time, so `--from N --connections 1` says it again.
 * Ends with 0 if the server lived and nothing is wrong, 1 if not, 2 for a command line that makes no sense.
 */
async function main(args: readonly string[]): Promise<number> {
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
