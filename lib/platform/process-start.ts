import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Whether the process that `holder` names, as `id start`, is still that process. */
export function isAlive(holder: string): boolean {
  const [, id, start] = /^(\d+) (.*)$/.exec(holder) ?? [];
  return id !== undefined && start !== '' && startOf(Number(id)) === start;
}

/** When a living process began, in the system's own words; empty if there is none. */
export function startOf(id: number): string {
  try {
    // Field 22 of the line; the second, a name in parentheses, may contain anything.
    return (
      readFileSync(`/proc/${id}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[19] ?? ''
    );
  } catch {
    return spawnSync('ps', ['-o', 'lstart=', '-p', String(id)], { encoding: 'utf8' }).stdout?.trim() ?? '';
  }
}
