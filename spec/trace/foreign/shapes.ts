import { readdirSync, readFileSync } from 'node:fs';
import type { Verdict } from '../../../lib/trace/check/verdict.js';
import { ForeignLog, ownerByName } from '../../../lib/trace/foreign/foreign-log.js';
import { judgeForeign } from '../../../lib/trace/foreign/judge-foreign.js';
import { Patterns } from '../../../lib/trace/foreign/pattern.js';

/** The lines of each file, by its name. */
export type ForeignLines = Readonly<Record<string, readonly string[]>>;

/** How another chat prints its logs; sound ones are in the directory of the same name. */
export interface Shape {
  readonly name: 'notices' | 'own-clock' | 'typed' | 'prompt';
  readonly patterns: readonly string[];
  /** Whose log a file is, where it is not named so. */
  readonly owners: Readonly<Record<string, string>>;
}

/** Go's log package, the server's time, notices from "SERVER", and nothing of what was sent. */
export const notices: Shape = {
  name: 'notices',
  patterns: [
    '\\[Lamport: (?<lamport>\\d+)\\] SERVER: Participant (?<participant>\\S+) (?<event>joined|left)',
    '\\[Lamport: (?<lamport>\\d+)\\] (?<participant>\\S+): (?<text>.*)',
  ],
  owners: {},
};

/** Each line with its writer's own clock. */
export const ownClock: Shape = {
  name: 'own-clock',
  patterns: ['INFO (?<participant>\\S+) \\(lamport (?<lamport>\\d+)\\) (>> (?<text>.*)|(?<event>(dis)?connected))'],
  owners: {},
};

/** Typed messages with numeric client ids, and what was sent. */
export const typed: Shape = {
  name: 'typed',
  patterns: [
    '(?<event>SEND) time=(?<lamport>\\d+) "(?<text>.*)"',
    '(?<event>JOIN|LEAVE|MESSAGE) client=(?<participant>\\d+) time=(?<lamport>\\d+)( "(?<text>.*)")?',
  ],
  owners: { 'client-1.log': '1', 'client-2.log': '2', 'client-3.log': '3' },
};

/** What a client shows its user, who is "You". */
export const prompt: Shape = {
  name: 'prompt',
  patterns: [
    '^(?<self>You) \\((?<lamport>\\d+)\\) (?<event>sending): (?<text>.*)',
    '^\\[(?<lamport>\\d+)\\] \\*\\*\\* (?<participant>\\S+) has (?<event>joined|left)',
    '^\\[(?<lamport>\\d+)\\] ((?<self>You)|(?<participant>\\S+)): (?<text>.*)',
  ],
  owners: {},
};

export const shapes: readonly Shape[] = [notices, ownClock, typed, prompt];

/** The sound logs of three participants. */
export function soundLines({ name }: Shape): ForeignLines {
  const directory = new URL(`${name}/`, import.meta.url);
  const files = readdirSync(directory).sort();
  return Object.fromEntries(
    files.map((file) => [file, readFileSync(new URL(file, directory), 'utf8').trimEnd().split('\n')]),
  );
}

export function judged({ patterns, owners }: Shape, logs: ForeignLines): Verdict {
  const compiled = new Patterns(patterns);
  return judgeForeign(
    Object.entries(logs).map(([file, lines]) => {
      const log = new ForeignLog(file, owners[file] ?? ownerByName(file), compiled);
      for (const line of lines) log.add(line);
      log.end();
      return log;
    }),
  );
}
