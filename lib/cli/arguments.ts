import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { displaySafe } from '../display/display-safe.js';
import { timerMsMax } from '../platform/deadline.js';
import { type HostPort, parseHostPort } from '../platform/host-port.js';

/** The version of this package, as its package.json has it. */
export function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/**
 * A program's command line with these options. Parsing it throws commander's CommanderError for mistakes, help and
 * version; a mistake is told in one line.
 */
export function programCommand(
  name: string,
  description: string,
  after: string,
  options: readonly Option[] = [],
): Command {
  const command = new Command(name).description(description);
  for (const option of options) command.addOption(option);
  command
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', after);
  return tellMistakes(command, name, name);
}

/** Has `command`, a program or a verb of one, throw its mistakes, and tell each in one line that says where help is. */
export function tellMistakes(command: Command, program: string, called: string): Command {
  const outputError = (text: string, write: (line: string) => void): void => {
    const said = text.replace(/^error: /, `${program}: `).trim();
    const sentence = said.replaceAll('\n', ' ').replace(/[^.]$/, '$&.');
    write(`${displaySafe(sentence)} See ${called} --help.\n`);
  };
  return command.configureOutput({ outputError }).exitOverride();
}

/** An option that the environment can set too: `--log-file` by CHIT_LOG_FILE. `shown`: the preset, for people. */
export function setting(
  flags: string,
  description: string,
  parse?: (text: string) => unknown,
  preset?: unknown,
  shown?: string,
): Option {
  const [, name = ''] = /--([a-z-]+)/.exec(flags) ?? [];
  const option = new Option(flags, description).env(`CHIT_${name.replaceAll('-', '_').toUpperCase()}`);
  if (parse) option.argParser(parse);
  return preset === undefined ? option : option.default(preset, shown);
}

/** Compose files and shells set variables to nothing where they mean that they are not set. */
export function forgetUnset(env: NodeJS.ProcessEnv = process.env): void {
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith('CHIT_') && value === '') delete env[name];
  }
}

const units = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 } as const;

/** Bytes as people write them: `500KB`, `64MB`, `1.5GB`, in steps of 1024; 1 at least. Throws for anything else. */
export function byteCount(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)$/i.exec(text) ?? [];
  const bytes = Math.round(Number(number) * units[unit?.toUpperCase() as keyof typeof units]);
  if (!(bytes >= 1 && Number.isSafeInteger(bytes)))
    throw new InvalidArgumentError('Write a size such as 500KB, 64MB or 1GB.');
  return bytes;
}

const unitsMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a duration as people write it: `500ms`, `10s`, `2m`, `1h`, `1.5s`; `0`. Throws for anything else. */
export function durationMs(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? (text === '0' ? ['', '0', 'ms'] : []);
  const ms = Math.round(Number(number) * unitsMs[unit as keyof typeof unitsMs]);
  if (!(ms <= timerMsMax))
    throw new InvalidArgumentError('Write a duration such as 500ms, 10s or 2m, 24 days at most.');
  return ms;
}

/** The same of a number of seconds, which may also be written as a duration: `45`, `2m`. */
export function secondsMs(text: string): number {
  return durationMs(/^\d+(?:\.\d+)?$/.test(text) ? `${text}s` : text);
}

/** Reads whole numbers from `min` to `max`. What it reads throws commander's own error where it is none. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    const range = max === Number.MAX_SAFE_INTEGER ? `, ${min} or more` : ` from ${min} to ${max}`;
    throw new InvalidArgumentError(`Write a whole number${range}.`);
  };
}

/** Adds the value of an option that may be given several times to those before. */
export function collected(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/** An option's `HOST:PORT`; throws commander's own error where it is none. `portMin`: as `parseHostPort` has it. */
export function hostPortArgument(text: string, portMin: 0 | 1): HostPort {
  const address = parseHostPort(text, portMin);
  if (!address) throw new InvalidArgumentError('Write HOST:PORT, such as 127.0.0.1:4000 or [::1]:4000.');
  return address;
}

/**
 * Reads the path that an option is given. An empty one, which a script gives whose variable is not set, is refused: it
 * would stand for the folder that the program was started in, or for nothing at all. Throws InvalidArgumentError.
 */
export function pathArgument(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty. Name a path, or leave the option out.');
  return text;
}
