import { printHelpIfAsked } from '../scripts/script-help.js';
import { type NodeBinary, nodeLines, nodeOfLine, runningNode } from './node-lines.js';
import { suiteOn } from './suite-on.js';

const help = `npm run test:nodes -- [MOCHA'S OPTIONS, such as --grep TEXT]

Runs the whole suite on Node 20, 22 and 24 in turn; elsewhere than on Linux on x64, on the running one. Prints a line for each
at the end.

Exit codes:
  0  every test passed on every line of Node
  1  not so, or a line of Node cannot be had
`;

async function main(args: readonly string[]): Promise<number> {
  printHelpIfAsked(args, help);
  const told: string[] = [];
  let code = 0;
  const run = async (node: NodeBinary) => {
    process.stdout.write(`\n== ${node.name}\n`);
    // It runs tests on another line than its own: here each line runs them all.
    const end = await suiteOn(node, ['--ignore', 'spec/nodes/next-line.spec.ts', ...args], 'inherit');
    told.push(`${node.name}: ${end.code === 0 ? 'passed' : `FAILED (mocha ended with ${end.code})`}`);
    if (end.code !== 0) code = 1;
  };
  if (nodeLines.length === 0) {
    told.push(`Other lines than ${runningNode.name} are NOT TESTED: npm has them for Linux on x64 alone.`);
    await run(runningNode);
  }
  for (const line of nodeLines) {
    let node: NodeBinary;
    try {
      node = await nodeOfLine(line);
    } catch (error) {
      told.push(`NOT TESTED: ${(error as Error).message}`);
      code = 1;
      continue;
    }
    await run(node);
  }
  process.stdout.write(`\n${told.join('\n')}\n`);
  return code;
}

process.exitCode = await main(process.argv.slice(2));
