import { accessSync, constants } from 'node:fs';
import { delimiter } from 'node:path';
import { type Endings, temporaryDirectory } from './endings.js';

/** What `npm test`, git and a coverage run leave to their children. */
const ofThisRun = /^(npm_.*|NODE_ENV|NODE_V8_COVERAGE|INIT_CWD|GIT_.*)$/i;

/** Of a user's npm settings there: where packages come from, and nothing else. */
const sourceOfPackages = /^npm_config_(registry|cache|userconfig|cafile|(https?_|no)?proxy)$/i;

/** The environment of somebody who has just come to the project, added to this one: no test runs there, and none of its tools is on PATH. */
export function newcomersEnvironment(endings: Endings): NodeJS.ProcessEnv {
  const dropped = Object.keys(process.env).filter((name) => ofThisRun.test(name) && !sourceOfPackages.test(name));
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.endsWith('node_modules/.bin'));
  const { HOME } = process.env;
  return {
    ...Object.fromEntries(dropped.map((name) => [name, undefined])),
    PATH: path.join(delimiter),
    // Npm does not run without one for a user whom the system does not know, and keeps its cache there.
    HOME: isWritable(HOME) ? HOME : temporaryDirectory(endings),
    // What is ignored by this user's own choice would not be seen by others.
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  };
}

function isWritable(folder: string | undefined): boolean {
  try {
    accessSync(folder ?? '', constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
