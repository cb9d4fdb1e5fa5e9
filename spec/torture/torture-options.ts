import { parseArgs } from 'node:util';
import { type Attack, attacks } from './attacks.js';

/** What `npm run torture` is asked for. */
export interface TortureOptions {
  /** Decides on the plan of faults and on who says what; the moments at which things meet are the machine's. */
  readonly seed: number;
  /** How long faults happen; coming to rest and judging take longer. */
  readonly seconds: number;
  /** chit-client processes. */
  readonly cast: number;
  /** Clients of the library in the torture's own process. */
  readonly crowd: number;
  /** Who is let loose on the server. */
  readonly attacks: readonly Attack[];
  /** The Node that all of it runs on, where it is not the one that was called. */
  readonly node?: string | undefined;
  /** The report as one line of JSON. */
  readonly json: boolean;
  /** Only print the plan. */
  readonly plan: boolean;
}

/** The least and the most of each. */
export const tortureLimits = { seed: [0, 2 ** 32 - 1], seconds: [5, 3_600], cast: [2, 40], crowd: [2, 300] } as const;

/** The command line makes no sense; the message says what would. */
export class TortureUsage extends Error {
  override name = 'TortureUsage';
}

/** Throws `TortureUsage`. */
export function tortureOptions(args: readonly string[]): TortureOptions {
  const { values } = parsed(args);
  const number = (name: keyof typeof tortureLimits): number => {
    const [least, most] = tortureLimits[name];
    const value = /^\d{1,10}$/.test(values[name]) ? Number(values[name]) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new TortureUsage(`--${name} is a whole number from ${least} to ${most}`);
  };
  return {
    seed: number('seed'),
    seconds: number('seconds'),
    cast: number('cast'),
    crowd: number('crowd'),
    json: values.json,
    plan: values.plan,
    attacks: chosen(values.attack, values.bits),
    ...(values.node === undefined ? {} : { node: values.node }),
  };
}

/** In the order of the list, each once. */
function chosen(words: string, bits: boolean): Attack[] {
  const named = words === 'none' ? [] : words.split(',');
  const unknown = named.find((word) => !(attacks as readonly string[]).includes(word));
  if (unknown !== undefined) {
    throw new TortureUsage(`--attack is none, or some of ${attacks.join(',')}; it has “${unknown}”`);
  }
  return attacks.filter((attack) => named.includes(attack) || (bits && attack === 'bits'));
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string', default: '1' },
        seconds: { type: 'string', default: '90' },
        cast: { type: 'string', default: '12' },
        crowd: { type: 'string', default: '40' },
        attack: { type: 'string', default: 'frames,reads,churn' },
        bits: { type: 'boolean', default: false },
        node: { type: 'string' },
        json: { type: 'boolean', default: false },
        plan: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new TortureUsage((error as Error).message);
  }
}
