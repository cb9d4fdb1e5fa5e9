/** How rotated files are named: by us `NAME.20261127T181500123Z.log`, by logrotate(8) `NAME.log.1` or `NAME.log-20261127`. */
const ours = /^(.+)\.\d{8}T\d{6,9}Z\.log$/;
const theirs = /^(.+?)(?:\.\d{1,4}|-\d{8}(?:-\d{1,10})?)$/;

/** Where a log file `path`, which ends in `.log` or not, goes when it is full: beside it, named by when that was. */
export function rotatedName(path: string, timeMs: number): string {
  const time = new Date(timeMs).toISOString().replaceAll(/[-:.]/g, '');
  return `${path.replace(/\.log$/, '')}.${time}.log`;
}

/** The name of the file that `path` was a part of; its own where it is no part of another one. */
export function wholeName(path: string): string {
  const [, base] = ours.exec(path) ?? [];
  return base === undefined ? (theirs.exec(path)?.[1] ?? path) : `${base}.log`;
}
