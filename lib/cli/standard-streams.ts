import { closeSync, fstatSync, openSync } from 'node:fs';
import { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { endsWithinLine, LineFile } from '../platform/line-file.js';

/** Whether a person sits at both ends of the program, at a terminal that can do more than print. */
export function isInteractive(
  input: { readonly isTTY?: boolean },
  output: { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  return input.isTTY === true && output.isTTY === true && env.TERM !== 'dumb';
}

/** The variables by which ink tells a build machine, on which it draws nothing. */
const buildMachineVariables = ['CI', 'CONTINUOUS_INTEGRATION'] as const;

/** Has ink draw at a person's terminal whatever the environment says of build machines. Call it before ink loads. */
export function drawOnBuildMachines(env: NodeJS.ProcessEnv = process.env): void {
  for (const name of buildMachineVariables) delete env[name];
}

/** The standard streams that are a terminal. Of one that has gone nobody can tell any more that it was one. */
export function terminalStreams(): readonly number[] {
  return [0, 1, 2].filter(isatty);
}

/**
 * Puts /dev/null in the place of a terminal that is no longer there. When it ends, Node gives each terminal that it
 * began with back its settings, and aborts where that fails with another error than it expects (EIO; node.cc,
 * ResetStdio); of one that was replaced it lets go.
 */
export function letGoOfTerminal(streams: readonly number[]): void {
  for (const fd of streams) {
    closeSync(fd);
    // The lowest number that is free.
    openSync('/dev/null', 'r+');
  }
}

/** Why standard output could not be written, but for a reader that has stopped reading. */
let outputError: Error | undefined;

/** Whoever reads our output may stop reading it: that ends nothing by itself. */
export function outliveReaders(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') outputError ??= error;
  });
  process.stderr.on('error', () => {});
}

/**
 * Resolves when all of standard output is written: with `code`, or with `failed` where some could not be, as on a full
 * disk, which is told in one line on standard error.
 */
export async function written(program: string, code: number, failed: number): Promise<number> {
  await new Promise<void>((resolve) => {
    process.stdout.write('', () => setImmediate(resolve));
  });
  if (!outputError) return code;
  process.stderr.write(`${program}: Standard output cannot be written (${outputError.message}).\n`);
  return failed;
}

/**
 * Why no lines can be read from standard input, in a sentence; undefined where it is something that Node reads: for all
 * else Node puts an input at its end. A closed one is empty: Node opens /dev/null for it, as for the outputs.
 */
export function unreadableInput(): string | undefined {
  const input = fstatSync(0);
  if (input.isDirectory()) return 'Standard input cannot be read: it is a folder.';
  return input.isBlockDevice() ? 'Standard input cannot be read: it is a block device.' : undefined;
}

/**
 * Standard output for lines that must not be lost without a word. To a regular file the platform's own stream writes
 * without a look at how much of it was written, as if no disk were ever full: there this is one that fails, and begins
 * a line of its own where an earlier program's was torn.
 */
export function plainOutput(standard: Writable & { readonly fd: number } = process.stdout): Writable {
  const { fd } = standard;
  if (!isRegularFile(fd)) return standard;
  const lines = new LineFile(fd, endsWithinLine(fd));
  return new Writable({
    write(line: Buffer, _encoding, done) {
      try {
        lines.write(line);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

function isRegularFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    // It was closed before the program began.
    return false;
  }
}
