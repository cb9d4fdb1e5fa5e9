import { readFileSync } from 'node:fs';
import { type LogBundle, LogBundleReader } from '../../../../lib/trace/history/logs/log-bundle-reader.js';

export type FileName = 'ada.log' | 'bob.log' | 'cyd.log' | 'dan.log' | 'server.log';
export type Logs = Readonly<Partial<Record<FileName, readonly string[]>>>;
type Fields = Readonly<Record<string, unknown>>;

const names: readonly FileName[] = ['ada.log', 'bob.log', 'cyd.log', 'dan.log', 'server.log'];

/** The lines of the real run in spec/trace/logs/recorded: see spec/system/recorded-run.ts. */
export const recorded: Logs = Object.fromEntries(
  names.map((name) => [
    name,
    readFileSync(new URL(`recorded/${name}`, import.meta.url), 'utf8')
      .trimEnd()
      .split('\n'),
  ]),
);

/** The run that these lines tell. */
export function runOfLines(logs: Logs | Readonly<Record<string, readonly string[]>>): LogBundle {
  const reader = new LogBundleReader();
  for (const [name, lines] of Object.entries(logs)) {
    const log = reader.log();
    const file = log.file(name);
    for (const line of lines) file.add(line);
    file.end();
    log.end();
  }
  return reader.bundle();
}

/** The number of the first line whose record has these fields. */
export function lineOf(logs: Logs, file: FileName, fields: Fields): number {
  const index = (logs[file] ?? []).findIndex((line) => {
    const record = JSON.parse(line) as Fields;
    return Object.entries(fields).every(([field, value]) => record[field] === value);
  });
  if (index < 0) throw new Error(`${file} has no record with ${JSON.stringify(fields)}`);
  return index + 1;
}

/** The logs with other lines in the place of one. */
export function withLines(logs: Logs, file: FileName, line: number, ...instead: readonly string[]): Logs {
  const lines = logs[file] ?? [];
  return { ...logs, [file]: [...lines.slice(0, line - 1), ...instead, ...lines.slice(line)] };
}

/** The text of a line, with some fields of its record changed. */
export function altered(logs: Logs, file: FileName, line: number, fields: Fields): string {
  return JSON.stringify({ ...JSON.parse(textOf(logs, file, line)), ...fields });
}

export function textOf(logs: Logs, file: FileName, line: number): string {
  return logs[file]?.[line - 1] ?? '';
}
