import { readFileSync } from 'node:fs';

/** A field of a living process's status on this machine (proc(5), Linux): memory in KiB, threads by their number. */
export function processStatus(pid: number, field: 'VmRSS' | 'VmHWM' | 'RssAnon' | 'Threads'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
}
