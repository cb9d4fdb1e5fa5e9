import { setTimeout as pause } from 'node:timers/promises';
import { Child } from '../../system/child.js';
import { temporaryDirectory } from '../../system/endings.js';
import { processStatus } from '../../system/process-status.js';
import { projectFile } from '../../system/project.js';
import type { Bench } from '../case.js';
import { soundLogs } from '../sound-logs.js';

/** How often the memory's peak is looked at, in milliseconds. */
const lookMs = 20;

/** How fast chit-trace check reads and judges the logs of a sound run, and the most memory that it has resident meanwhile. */
export async function trace({ sizes, endings, report }: Bench): Promise<void> {
  const { traceParticipants, traceLines } = sizes;
  const files = soundLogs(temporaryDirectory(endings), traceParticipants, traceLines);
  const began = performance.now();
  const child = new Child(endings, process.execPath, [projectFile('bin/chit-trace'), 'check', ...files]);
  const ended = child.ended.then((code) => ({ code, ms: performance.now() - began }));
  let memoryBytes = 0;
  while (child.alive) {
    memoryBytes = Math.max(memoryBytes, peakBytes(child.pid));
    await pause(lookMs);
  }
  const { code, ms } = await ended;
  if (code !== 0) throw new Error(`chit-trace ended with ${code}: ${[...child.errorLines, ...child.lines].join('\n')}`);
  const lines = Number(/^Read (\d+) lines/.exec(child.lines[0] ?? '')?.[1]);
  if (!(lines >= traceLines)) throw new Error(`chit-trace read ${lines} lines, not ${traceLines}`);
  const setting = `${traceLines} lines of ${traceParticipants} logs`;
  report(setting, 'chit-trace', { deliveriesPerSecond: (lines * 1000) / ms, maxMs: ms, memoryBytes });
}

/** 0 of a process that has just ended. */
function peakBytes(pid: number): number {
  try {
    return processStatus(pid, 'VmHWM') * 1024 || 0;
  } catch {
    return 0;
  }
}
