import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Endings } from './endings.js';
import { projectFile } from './project.js';
import { eachLine } from './text-lines.js';

const alive = new Set<ChildProcessWithoutNullStreams>();

// A run of tests that is cut short leaves no process behind.
process.on('exit', () => {
  for (const child of alive) killWithOffspring(child);
});

/** A child leads a process group of its own, in which what it has started is too, as by npm. */
function killWithOffspring({ pid }: ChildProcessWithoutNullStreams): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

export interface ChildOptions {
  readonly cwd?: string;
  /** Added to the environment; the programs' own settings of whoever runs the tests are not handed on. */
  readonly env?: NodeJS.ProcessEnv;
  /** Nothing is taken from its standard output until `read`. */
  readonly unread?: boolean;
}

/** Another program as a process of its own, its output collected by lines. Killed in the end, if it runs then. */
export class Child {
  /** Of standard output; the last one complete only when the process has ended. */
  readonly lines: string[] = [];
  readonly errorLines: string[] = [];
  /** Resolves when the process has ended and all its output is here: its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly #process: ChildProcessWithoutNullStreams;

  constructor(endings: Endings, command: string, args: readonly string[], options: ChildOptions = {}) {
    const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('CHIT_'));
    const child = spawn(command, args, {
      cwd: options.cwd ?? projectFile(''),
      env: { ...Object.fromEntries(environment), ...options.env },
      detached: true,
    });
    this.#process = child;
    alive.add(child);
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => alive.delete(child));
      child.once('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
    });
    // Whoever waits for the end is told of an error there; nobody has to.
    this.ended.catch(() => {});
    if (!options.unread) this.read();
    eachLine(child.stderr, (line) => this.errorLines.push(line));
    // The process may end before it has read what it was given.
    child.stdin.on('error', () => {});
    endings.add(async () => {
      if (alive.has(child)) killWithOffspring(child);
      await this.ended.catch(() => {});
    });
  }

  /** Goes away from its standard output, as `head` does. */
  closeOutput(): void {
    this.#process.stdout.destroy();
  }

  closeErrors(): void {
    this.#process.stderr.destroy();
  }

  /** Begins to take its standard output. */
  read(): void {
    eachLine(this.#process.stdout, (line) => this.lines.push(line));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get alive(): boolean {
    return alive.has(this.#process);
  }

  write(text: string | Uint8Array): void {
    this.#process.stdin.write(text);
  }

  /** The end of its standard input. */
  closeInput(): void {
    this.#process.stdin.end();
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }
}
