import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Starts programs of this folder, and kills what is left of them after each test of the suite. */
export function childPrograms(): (...args: ConstructorParameters<typeof ChildProgram>) => ChildProgram {
  const started: ChildProgram[] = [];
  afterEach(async () => {
    for (const child of started.splice(0)) {
      child.kill();
      await child.end();
    }
  });
  return (...args) => {
    const child = new ChildProgram(...args);
    started.push(child);
    return child;
  };
}

/** A program of this folder as a process of its own. */
class ChildProgram {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown[]>;
  readonly lines: AsyncIterableIterator<string>;

  /** `limit`: the largest file it may write, in KiB; the hard limit stays, so that it can be lifted again. */
  constructor(program: string, args: readonly string[], limitKib?: number) {
    const path = fileURLToPath(new URL(program, import.meta.url));
    const node = [process.execPath, '--import', 'tsx', path, ...args];
    const [command = '', ...rest] =
      limitKib === undefined ? node : ['bash', '-c', `ulimit -S -f ${limitKib}; exec "$@"`, 'bash', ...node];
    this.#child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#exit = once(this.#child, 'exit');
    if (!this.#child.stdout) throw new Error('the child has no output');
    this.lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  get id(): number {
    return this.#child.pid ?? 0;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Its exit code, or the signal that ended it. */
  async end(): Promise<unknown> {
    const [code, signal] = await this.#exit;
    return code ?? signal;
  }
}
