import { readdirSync, readFileSync } from 'node:fs';

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
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const value = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  const mib = (kib: number) => Math.round((kib / 1024) * 10) / 10;
  return {
    rssMib: mib(value('VmRSS')),
    anonymousMib: mib(value('RssAnon')),
    fileDescriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: value('Threads'),
  };
}
