import { notTested } from '../system/it-unless.js';
import { type NodeBinary, type NodeLine, nodeLines, nodeOfLine } from './node-lines.js';
import { suiteOn } from './suite-on.js';

/** The newest line that people run. `npm run test:nodes` runs everything on each. */
const line: NodeLine = 24;

/** What differed between lines of Node once, and the claims that most depend on what Node does. */
const files: readonly (readonly [file: string, ...only: string[]])[] = [
  // A stop that let no status out.
  ['spec/system/server-stop.spec.ts'],
  ['spec/system/server-command.spec.ts'],
  ['spec/system/server-not-started.spec.ts'],
  ['spec/server/rpc/grpc-server.spec.ts'],
  ['spec/server/rpc/chat-stream.spec.ts'],
  ['spec/server/rpc/too-much.spec.ts'],
  ['spec/server/rpc/no-grpc.spec.ts'],
  ['spec/system/faults-of-the-server.spec.ts'],
  // Streams beyond the limit were refused.
  ['spec/system/streams-limit.spec.ts'],
  // Other ends of malformed streams.
  ['spec/system/http2/before-the-first-call.spec.ts'],
  ['spec/system/http2/requests.spec.ts'],
  ['spec/system/http2/settings-and-windows.spec.ts'],
  ['spec/system/http2/streams.spec.ts'],
  ['spec/system/hostile-frames.spec.ts'],
  ['spec/system/foreign-traffic.spec.ts'],
  ['spec/system/half-close.spec.ts'],
  // Input was read ahead, and lines were cut at U+2028.
  ['spec/chat/plain/run-plain.spec.ts'],
  ['spec/chat/plain/lines.spec.ts'],
  ['spec/cli/trace/log-files.spec.ts'],
  ['spec/system/conversation.spec.ts'],
  ['spec/system/terminal-client.spec.ts', '--grep', 'lets three people talk'],
];

/** How long one of the files may take, in milliseconds. */
const fileMsMax = 180_000;

if (Number(process.versions.node.split('.')[0]) !== line && nodeLines.includes(line)) {
  describe(`on Node ${line}`, function () {
    this.timeout(fileMsMax);
    let node: NodeBinary | undefined;

    before(async function () {
      this.timeout(300_000);
      try {
        node = await nodeOfLine(line);
      } catch (error) {
        notTested(`on Node ${line}`, (error as Error).message);
      }
    });

    for (const [file, ...only] of files) {
      it([file, ...only.slice(1)].join(', '), async () => {
        if (!node) return;
        const args = [
          '--no-config',
          '--node-option',
          'import=tsx',
          '--timeout',
          '20000',
          '--forbid-only',
          '--fail-zero',
        ];
        const { code, output } = await suiteOn(node, [...args, file, ...only], 'pipe');
        if (code !== 0) throw new Error(`mocha ended with ${code}\n${output}`);
      });
    }
  });
}
