import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { processStatus } from '../../system/process-status.js';

let ticks = 0;

/** Clock ticks a second, the unit of processor time in /proc (proc(5)). */
function ticksPerSecond(): number {
  ticks ||= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'latin1' }));
  return ticks;
}

/** Processor time that all threads of a process have used, in microseconds; exact to a tick, which is 10 ms on most machines. */
export function cpuMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the program's name, which may hold spaces; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / ticksPerSecond();
}

/**
 * The memory that is a process's own, in bytes: resident and not a file's. What LMDB maps of its store is the system's
 * page cache, which goes when somebody needs it.
 */
export function ownMemoryBytes(pid: number): number {
  return processStatus(pid, 'RssAnon') * 1024;
}
