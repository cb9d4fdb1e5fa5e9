import { type StdioOptions, spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { projectFile } from '../system/project.js';
import type { NodeBinary } from './node-lines.js';

/** Runs mocha, as .mocharc.cjs has it, where `args` say nothing else. */
const mocha = projectFile('node_modules/mocha/bin/mocha.js');

export interface SuiteEnd {
  /** Mocha's exit code: 0, or how many tests failed. */
  readonly code: number | NodeJS.Signals;
  /** What it wrote, where `stdio` is `pipe`. */
  readonly output: string;
}

/**
 * Runs mocha with `args` on `node`, and with it all that the tests start: as `process.execPath`, as `node`, and by npm and npx, which take
 * the first `node` of the PATH. Resolves when it has ended.
 */
export function suiteOn(node: NodeBinary, args: readonly string[], stdio: 'inherit' | 'pipe'): Promise<SuiteEnd> {
  const streams: StdioOptions = ['ignore', stdio, stdio];
  const env = { ...process.env, PATH: [dirname(node.path), process.env.PATH ?? ''].join(delimiter) };
  const child = spawn(node.path, [mocha, ...args], { cwd: projectFile(''), env, stdio: streams });
  let output = '';
  const take = (text: string) => {
    output += text;
  };
  child.stdout?.setEncoding('utf8').on('data', take);
  child.stderr?.setEncoding('utf8').on('data', take);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('exit', kill);
      resolve({ code: code ?? signal ?? 'SIGKILL', output });
    });
  });
}
