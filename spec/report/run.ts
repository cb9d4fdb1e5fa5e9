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
  const log = join(temporaryDirectory(endings), 'server.log');
  const args = ['--grace', grace, '--log-level', 'debug', '--log-file', log];
  const server = await ServerProcess.start(endings, { args });
  note(`A server listens on ${server.address}.`);
  const clients = await play(endings, server, note);
  const code = await server.stop();
  if (code !== 0) throw new Error(`the server ended with ${code}`);

  const written = new Map([['server.log', log], ...clients.map((one) => [logName(one.name), one.logFile] as const)]);
  mkdirSync(folder, { recursive: true });
  for (const name of logNames) {
    const text = readFileSync(written.get(name) ?? '', 'utf8');
    writeFileSync(join(folder, name), withoutMachine(text, new Map([[server.data, 'data']])));
  }
}
