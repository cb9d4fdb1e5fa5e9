import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as pty from '@lydell/node-pty';
import type { Terminal } from '@xterm/headless';
import { terminalUnicode } from './terminal-unicode.js';

export interface TerminalEmulatorOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly unicode?: 'joined' | 'separate' | '6';
}

// CommonJS, bundled in a way that hides its exports' names from importers.
const xterm: typeof import('@xterm/headless') = createRequire(import.meta.url)('@xterm/headless');

/** One place of the screen. */
export interface ScreenCell {
  readonly text: string;
  readonly width: number;
  /** Of the 256; undefined is the terminal's own. */
  readonly colour: number | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly inverse: boolean;
}

const untilMsMax = 10_000;
const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** A program in a real pseudo-terminal, and the screen that a person would see. */
export class TerminalEmulator {
  readonly #pty: pty.IPty;
  readonly #screen: Terminal;
  readonly #changed = new Set<() => void>();
  #exitCode: number | undefined;
  /** Everything the program wrote, escape sequences included. */
  raw = '';

  constructor(command: string, args: readonly string[], options: TerminalEmulatorOptions = {}) {
    const { columns: cols = 80, rows = 24, env = {}, unicode = 'joined' } = options;
    // Allowed: other character widths.
    this.#screen = new xterm.Terminal({ cols, rows, scrollback: 200_000, allowProposedApi: true });
    this.#screen.unicode.register(terminalUnicode('joined'));
    this.#screen.unicode.register(terminalUnicode('separate'));
    this.#screen.unicode.activeVersion = unicode;
    // Of the environment only what programs need: neither CI nor NO_COLOR of whoever runs the tests.
    const { PATH = '', HOME = '' } = process.env;
    const { TERM: name = 'xterm-256color' } = env;
    this.#pty = pty.spawn(command, [...args], { name, cols, rows, cwd: projectRoot, env: { PATH, HOME, ...env } });
    this.#pty.onData((data) => {
      this.raw += data;
      this.#screen.write(data, () => this.#tell());
    });
    this.#screen.onData((answer) => this.#pty.write(answer));
    this.#pty.onExit(({ exitCode }) => {
      this.#exitCode = exitCode;
      this.#screen.write('', () => this.#tell());
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** Types as a keyboard does; `\r` is Enter. */
  type(keys: string): void {
    this.#pty.write(keys);
  }

  /** A paste of a terminal that marks pastes. */
  paste(text: string): void {
    this.#pty.write(`\x1b[200~${text}\x1b[201~`);
  }

  resize(columns: number, rows: number): void {
    this.#screen.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  kill(signal?: string): void {
    this.#pty.kill(signal);
  }

  /** The rows on the screen without trailing spaces. */
  get rows(): string[] {
    return this.#rows(this.#screen.buffer.active.baseY);
  }

  /** The rows on the screen and all that were scrolled out of it. */
  get allRows(): string[] {
    return this.#rows(0);
  }

  /** The screen as one string. */
  get text(): string {
    return this.rows.join('\n').trimEnd();
  }

  /** The row in which one types. */
  get inputRow(): string {
    return this.rows[this.cursor.row] ?? '';
  }

  /** Where the cursor is, from 0. */
  get cursor(): { readonly row: number; readonly column: number } {
    const { cursorX, cursorY } = this.#screen.buffer.active;
    return { row: cursorY, column: cursorX };
  }

  /** Whether anything on the screen has a colour. */
  get coloured(): boolean {
    const buffer = this.#screen.buffer.active;
    for (let y = 0; y < buffer.length; y++) {
      const line = buffer.getLine(y);
      for (let x = 0; x < this.#screen.cols; x++) {
        const cell = line?.getCell(x);
        if (cell && !(cell.isFgDefault() && cell.isBgDefault())) return true;
      }
    }
    return false;
  }

  /** What stands in each place of the screen, row by row; a wide character's second place is left out. */
  get cells(): ScreenCell[][] {
    const { active } = this.#screen.buffer;
    return Array.from({ length: this.#screen.rows }, (_, y) => {
      const line = active.getLine(active.baseY + y);
      return Array.from({ length: this.#screen.cols }, (_, x) => line?.getCell(x))
        .filter((cell) => cell !== undefined && cell.getWidth() > 0)
        .map((cell) => ({
          text: cell?.getChars() || ' ',
          width: cell?.getWidth() ?? 1,
          colour: cell?.isFgPalette() ? cell.getFgColor() : undefined,
          bold: cell?.isBold() !== 0,
          dim: cell?.isDim() !== 0,
          inverse: cell?.isInverse() !== 0,
        }));
    });
  }

  /** Resolves when the screen is as wished; rejects with the screen after a deadline. */
  until(what: string | RegExp | (() => boolean)): Promise<void> {
    const met = () =>
      typeof what === 'function' ? what() : typeof what === 'string' ? this.text.includes(what) : what.test(this.text);
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!met()) return;
        clearTimeout(deadline);
        this.#changed.delete(check);
        resolve();
      };
      const deadline = setTimeout(() => {
        this.#changed.delete(check);
        reject(
          new Error(`The screen never showed ${what}. It shows:\n${this.text}\ncursor ${JSON.stringify(this.cursor)}`),
        );
      }, untilMsMax);
      this.#changed.add(check);
      check();
    });
  }

  /** Resolves with the program's exit code. */
  async exit(): Promise<number> {
    await this.until(() => this.#exitCode !== undefined);
    return this.#exitCode ?? -1;
  }

  /** Ends the program, whatever it does, and frees the emulator. */
  close(): void {
    if (this.#exitCode === undefined) this.#pty.kill('SIGKILL');
    this.#screen.dispose();
  }

  #tell(): void {
    for (const check of [...this.#changed]) check();
  }

  #rows(from: number): string[] {
    const buffer = this.#screen.buffer.active;
    const rows: string[] = [];
    for (let y = from; y < buffer.length; y++) rows.push(buffer.getLine(y)?.translateToString().trimEnd() ?? '');
    return rows;
  }
}
