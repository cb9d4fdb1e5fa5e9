import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Endings, temporaryDirectory } from '../system/endings.js';
import { ServerProcess } from '../system/server-process.js';
import { withoutMachine } from './machine-traces.js';
import { cast, logName, play } from './scene.js';

/** The log files of the report's run: the server's, then the clients'. */
export const logNames = ['server.log', ...cast.map(logName)] as const;

/** How long a lost participant's session lives on: short, because nobody comes back here. */
const grace = '500ms';

/** Runs a real server and four real clients, each a process of its own [S2], and writes their logs into `folder` [H5]. */
export async function run(endings: Endings, folder: string, note: (what: string) => void): Promise<void> {
  const logs = temporaryDirectory(endings);
  const args = ['--grace', grace, '--log-level', 'debug', '--log-file', join(logs, 'server.log')];
  const server = await ServerProcess.start(endings, { args });
  note(`A server listens on ${server.address}.`);
  await play(endings, server, logs, note);
  const code = await server.stop();
  if (code !== 0) throw new Error(`the server ended with ${code}`);
  mkdirSync(folder, { recursive: true });
  const paths = new Map([
    [server.data, 'data'],
    [logs, 'logs'],
  ]);
  for (const name of logNames) {
    writeFileSync(join(folder, name), withoutMachine(readFileSync(join(logs, name), 'utf8'), paths));
  }
}
