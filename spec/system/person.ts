import { defaultLogFile } from '../../lib/cli/client-files.js';
import { type Endings, temporaryDirectory } from './endings.js';
import { projectFile } from './project.js';
import { TerminalEmulator, type TerminalEmulatorOptions } from './terminal-emulator.js';

export interface PersonOptions extends TerminalEmulatorOptions {
  readonly args?: readonly string[];
  /** The user's state directory; a new one unless that of an earlier start is to be gone on with. */
  readonly state?: string;
}

/** Somebody at a terminal with chit-client. */
export interface Person {
  readonly terminal: TerminalEmulator;
  /** The user's state directory. */
  readonly state: string;
  readonly logFile: string;
}

/** Starts chit-client in a terminal. */
export function sitDown(endings: Endings, server: string, name: string, options: PersonOptions = {}): Person {
  const state = options.state ?? temporaryDirectory(endings);
  const terminal = new TerminalEmulator(
    process.execPath,
    [projectFile('bin/chit-client'), '--server', server, '--name', name, ...(options.args ?? [])],
    { columns: 80, rows: 24, ...options, env: { XDG_STATE_HOME: state, ...options.env } },
  );
  endings.add(() => terminal.close());
  return { terminal, state, logFile: defaultLogFile({ server, room: 'lobby', name }, { XDG_STATE_HOME: state }) ?? '' };
}

/** Starts chit-client in a terminal, and waits until it shows the own joining. */
export async function joined(
  endings: Endings,
  server: string,
  name: string,
  options: PersonOptions = {},
): Promise<Person> {
  const person = sitDown(endings, server, name, options);
  await person.terminal.until(new RegExp(`Participant ${name} joined Chit Chat at logical time \\d+`));
  await person.terminal.until(() => person.terminal.inputRow === '>');
  return person;
}
