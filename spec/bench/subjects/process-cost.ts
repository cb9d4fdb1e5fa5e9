import { readdirSync, readFileSync } from 'node:fs';
import { processStatus } from '../../system/process-status.js';

/** Processor time that the living threads of a process have used, in microseconds (proc(5), Linux with scheduler statistics). */
export function cpuMicros(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(tasks).map((task) => {
    const [onCpu] = readFileSync(`${tasks}/${task}/schedstat`, 'latin1').split(' ');
    return Number(onCpu);
  });
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1000;
}

/**
 * The memory that is a process's own, in bytes: resident and not a file's. What LMDB maps of its store is the system's
 * page cache, which goes when somebody needs it.
 */
export function ownMemoryBytes(pid: number): number {
  return processStatus(pid, 'RssAnon') * 1024;
}
