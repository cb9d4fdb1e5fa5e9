import { readdirSync } from 'node:fs';
import { processStatus } from '../system/process-status.js';

/** What a process takes of the system. */
export interface Residence {
  readonly rssMib: number;
  /** Of that, what is not a mapped file. */
  readonly anonymousMib: number;
  readonly fileDescriptors: number;
  readonly threads: number;
}

/** Of a living process of this machine, by Linux's /proc. */
export function residenceOf(pid: number): Residence {
  const mib = (kib: number) => Math.round((kib / 1024) * 10) / 10;
  return {
    rssMib: mib(processStatus(pid, 'VmRSS')),
    anonymousMib: mib(processStatus(pid, 'RssAnon')),
    fileDescriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: processStatus(pid, 'Threads'),
  };
}
