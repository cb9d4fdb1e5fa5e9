import { fstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** How often it is looked whether a pipe still has a reader, in milliseconds. */
const lookMs = 1_000;

/**
 * Calls `gone` once when no process has the other end of the pipe `fd` any more; returns what ends the watch. A writer
 * is told so only when it writes, which a quiet one does not. Looked up in /proc: where there is none, where `fd` is no
 * pipe, and where its reader belongs to a user whose processes cannot be looked at, `gone` is never called. Keeps no
 * process from ending.
 */
export function watchPipeReader(fd: number, gone: () => void): () => void {
  const pipe = pipeOf(fd);
  const first = pipe && readerOf(pipe);
  if (first === undefined) return () => {};
  let reader: string | undefined = first;
  const timer = setInterval(() => {
    if (reader !== undefined && reads(reader, pipe as string)) return;
    reader = readerOf(pipe as string);
    if (reader !== undefined) return;
    clearInterval(timer);
    gone();
  }, lookMs).unref();
  return () => clearInterval(timer);
}

/** As /proc names it: `pipe:[12345]`. */
function pipeOf(fd: number): string | undefined {
  try {
    const stat = fstatSync(fd);
    return stat.isFIFO() ? `pipe:[${stat.ino}]` : undefined;
  } catch {
    return undefined;
  }
}

/** The id of a process that can read from the pipe. */
function readerOf(pipe: string): string | undefined {
  return entries('/proc').find((id) => /^\d+$/.test(id) && reads(id, pipe));
}

function reads(id: string, pipe: string): boolean {
  return entries(`/proc/${id}/fd`).some((fd) => {
    try {
      return (
        readlinkSync(`/proc/${id}/fd/${fd}`) === pipe && isReadable(readFileSync(`/proc/${id}/fdinfo/${fd}`, 'utf8'))
      );
    } catch {
      // It was closed meanwhile.
      return false;
    }
  });
}

/** By the flags of its opening, in octal digits: the two lowest bits say for what, 1 being to write only (open(2)). */
function isReadable(info: string): boolean {
  const flags = Number.parseInt(/^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? '1', 8);
  return (flags & 3) !== 1;
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
