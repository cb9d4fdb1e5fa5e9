import { ForeignLog, ownerByName } from '../../trace/foreign/foreign-log.js';
import { foreignLogsMax } from '../../trace/foreign/judge-foreign.js';
import { Patterns } from '../../trace/foreign/pattern.js';
import { CannotReadLogs, readFiles } from './log-files.js';

/** How the logs of another chat are to be read. */
export interface ForeignOptions {
  readonly pattern: readonly string[];
  /** `NAME=FILE` each: whose log a file is. */
  readonly as: readonly string[];
}

/** Reads the logs of another chat, each one participant's. Rejects with CannotReadLogs and BadPattern. */
export async function readForeignLogs(paths: readonly string[], options: ForeignOptions): Promise<ForeignLog[]> {
  if (paths.length > foreignLogsMax) {
    throw new CannotReadLogs(
      `These are ${paths.length} logs, and at most ${foreignLogsMax} of another chat are compared.`,
    );
  }
  const patterns = new Patterns(options.pattern);
  const owners = ownersOf(options.as, paths);
  const logs: ForeignLog[] = [];
  await readFiles(paths, (path) => {
    const log = new ForeignLog(path, owners.get(path) ?? ownerByName(path), patterns);
    logs.push(log);
    return log;
  });
  const twice = logs.find(({ owner }, index) => logs.findIndex((log) => log.owner === owner) < index);
  if (twice) {
    throw new CannotReadLogs(
      `Two files are the log of ${twice.owner}. Say whose ${twice.file} is: --as NAME=${twice.file}.`,
    );
  }
  return logs;
}

function ownersOf(as: readonly string[], paths: readonly string[]): Map<string, string> {
  return new Map(
    as.map((text) => {
      const [name = '', file = ''] = [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)];
      if (!name || !text.includes('=')) throw new CannotReadLogs(`--as ${text} is not of the form NAME=FILE.`);
      if (!paths.includes(file)) throw new CannotReadLogs(`--as ${text} names a file that is not among the logs.`);
      return [file, name];
    }),
  );
}
