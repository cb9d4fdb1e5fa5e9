import { notTested } from '../system/it-unless.js';
import { type NodeBinary, type NodeLine, nodeLines, nodeOfLine, runningNode } from './node-lines.js';

/**
 * One test for each line of Node that can be had here, the running one among them. Where npm cannot bring a line, the test
 * of that line runs on none: it says so on standard error, in one line.
 */
export function itOnEachNode(title: string, test: (node: NodeBinary) => Promise<void>): void {
  const running = Number(process.versions.node.split('.')[0]);
  if (!nodeLines.includes(running as NodeLine)) it(`${title}, on ${runningNode.name}`, () => test(runningNode));
  for (const line of nodeLines) {
    it(`${title}, on Node ${line}`, async () => {
      let node: NodeBinary;
      try {
        node = await nodeOfLine(line);
      } catch (error) {
        notTested(title, (error as Error).message);
        return;
      }
      await test(node);
    });
  }
}
