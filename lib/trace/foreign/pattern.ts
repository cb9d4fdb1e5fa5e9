/** What a line of another chat's log tells. */
export interface ForeignLine {
  readonly kind: 'sent' | 'message' | 'joined' | 'left';
  /** The line's own Lamport time: of what happened, or of the writer's clock, as that chat prints it. */
  readonly lamport: number;
  /** Whom it is about. Undefined: the participant whose log it is. */
  readonly participant?: string | undefined;
  readonly text: string;
}

/** A pattern that cannot be used. `message` says why, and what to do. */
export class BadPattern extends Error {
  override name = 'BadPattern';
}

const words: readonly (readonly [kind: ForeignLine['kind'], word: RegExp])[] = [
  ['left', /left|leav|disconnect|exit|quit|drop/i],
  ['joined', /join|connect|enter/i],
  ['sent', /sent|send|publish/i],
];

const groups = ['participant', 'lamport', 'event', 'text', 'self'];

/** Reads lines by regular expressions with named groups. The first one that matches counts. */
export class Patterns {
  readonly #patterns: readonly RegExp[];

  /** Throws BadPattern. */
  constructor(sources: readonly string[]) {
    this.#patterns = sources.map(compiled);
  }

  /** Undefined of a line that no pattern matches, or whose Lamport time is no number that counts exactly. */
  read(line: string): ForeignLine | undefined {
    for (const pattern of this.#patterns) {
      const named = pattern.exec(line)?.groups;
      if (named) return lineOf(named);
    }
    return undefined;
  }
}

function lineOf({ participant, lamport = '', event = '', text = '', self }: Record<string, string | undefined>) {
  const time = Number(lamport);
  if (!/^\d+$/.test(lamport) || !Number.isSafeInteger(time)) return undefined;
  const kind = words.find(([, word]) => word.test(event))?.[0] ?? 'message';
  return { kind, lamport: time, text, participant: self === undefined ? participant : undefined };
}

function compiled(source: string): RegExp {
  let pattern: RegExp;
  try {
    pattern = new RegExp(source);
  } catch (error) {
    throw new BadPattern(`The pattern ${source} is no regular expression: ${(error as Error).message}.`);
  }
  const named = Object.keys(new RegExp(`${source}|`).exec('')?.groups ?? {});
  const unknown = named.find((name) => !groups.includes(name));
  if (unknown !== undefined) {
    throw new BadPattern(`The pattern ${source} has a group “${unknown}”; the groups are ${groups.join(', ')}.`);
  }
  if (!named.includes('lamport')) {
    throw new BadPattern(`The pattern ${source} has no group “lamport”. Write (?<lamport>\\d+) where the time stands.`);
  }
  return pattern;
}
