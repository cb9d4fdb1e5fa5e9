import { join } from 'node:path';
import { ClientProcess } from './client-process.js';
import { type Endings, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { ServerProcess } from './server-process.js';
import { TcpProxy } from './tcp-proxy.js';

/** The log files of a run that is over. */
export interface RecordedRun {
  readonly server: string;
  readonly ada: string;
  readonly bob: string;
  readonly cyd: string;
  /** Of one that was killed. */
  readonly dan: string;
}

/**
 * A server and four clients of the room "lobby", all real processes: they talk, Ada's connection is cut and she resumes, Dan comes
 * later and is killed, and the others stay until they are told that he left.
 */
export async function recordedRun(endings: Endings): Promise<RecordedRun> {
  const log = join(temporaryDirectory(endings), 'server.log');
  const server = await ServerProcess.start(endings, {
    args: ['--grace', '1s', '--log-level', 'debug', '--log-file', log],
  });
  const proxy = await TcpProxy.start(endings, server.address);
  const ada = await ClientProcess.joined(endings, proxy.address, { name: 'ada' });
  const bob = await ClientProcess.joined(endings, server.address, { name: 'bob' });
  const cyd = await ClientProcess.joined(endings, server.address, { name: 'cyd' });
  ada.say('hello, all', 'is this on?');
  bob.say('it is');
  await cyd.heard('is this on?');
  await cyd.heard('it is');
  cyd.say('fine');
  await ada.heard('fine');
  proxy.cut();
  bob.say('ada?');
  await eventually('ada is back', () => ada.records().some(({ event }) => event === 'offline'));
  await ada.heard('ada?');
  const dan = await ClientProcess.joined(endings, server.address, { name: 'dan' });
  dan.say('hi');
  ada.say('good evening, dan');
  await Promise.all([ada, bob, cyd].map((client) => client.heard('hi')));
  await dan.heard('good evening, dan');
  await dan.kill();
  await Promise.all([ada, bob, cyd].map((client) => client.told('left', 'dan')));
  cyd.say('dan is gone');
  await ada.heard('dan is gone');
  for (const client of [bob, ada, cyd]) await client.leave();
  await server.stop();
  return { server: log, ada: ada.logFile, bob: bob.logFile, cyd: cyd.logFile, dan: dan.logFile };
}
