/** A record as bunyan writes it, of a program of Chit Chat. */
export type BunyanRecord = Readonly<Record<string, unknown>> & {
  readonly event: string;
  readonly component: 'client' | 'server';
};

/** What a line of a log is. */
export type LogLine =
  | { readonly kind: 'record'; readonly record: BunyanRecord }
  /** A record of another program. */
  | { readonly kind: 'foreign' }
  /** A record of ours that breaks off: its writer was killed, or its disk was full. */
  | { readonly kind: 'torn' }
  | { readonly kind: 'blank' }
  /** No JSON object at all. */
  | { readonly kind: 'no-record' };

const [foreign, torn, blank, noRecord] = (['foreign', 'torn', 'blank', 'no-record'] as const).map((kind) => ({
  kind,
})) as [LogLine, LogLine, LogLine, LogLine];

/** How every record of ours begins. */
const beginning = '{"name":"chit-';

/** Reads a line, without its end, as a record. */
export function logLine(text: string): LogLine {
  const line = text.trim();
  if (line === '') return blank;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return line.startsWith(beginning) || beginning.startsWith(line) ? torn : noRecord;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return noRecord;
  return isOurs(value as Record<string, unknown>) ? { kind: 'record', record: value as BunyanRecord } : foreign;
}

function isOurs({ name, component, event }: Record<string, unknown>): boolean {
  return (
    (component === 'client' || component === 'server') && name === `chit-${component}` && typeof event === 'string'
  );
}
