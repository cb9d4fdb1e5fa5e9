import { parseArgs } from 'node:util';

/** What `npm run siege` is asked for. */
export interface SiegeOptions {
  readonly seed: number;
  readonly seconds: number;
  /** Honest participants whose connections are cut all at once, again and again. */
  readonly storm: number;
  /** The attackers come from the honest clients' address, instead of from others of this machine. */
  readonly oneAddress: boolean;
  /** Attacks that are left out. */
  readonly without: readonly string[];
  /** What the server may grow by under the attackers, in MB. */
  readonly growthMax: number;
  /** The Node binary that the server runs under; the running one if undefined. */
  readonly node: string | undefined;
}

/** The least and the most of each. */
export const siegeLimits = {
  seed: [0, 2 ** 32 - 1],
  seconds: [5, 3_600],
  storm: [0, 2_000],
  'growth-max': [1, 100_000],
} as const;

/** The command line makes no sense; the message says what would. */
export class SiegeUsage extends Error {
  override name = 'SiegeUsage';
}

/** Throws `SiegeUsage`. `attacks` are those that there are. */
export function siegeOptions(args: readonly string[], attacks: readonly string[]): SiegeOptions {
  const values = parsed(args);
  const number = (name: keyof typeof siegeLimits): number => {
    const [least, most] = siegeLimits[name];
    const value = /^\d{1,10}$/.test(values[name]) ? Number(values[name]) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new SiegeUsage(`--${name} is a whole number from ${least} to ${most}`);
  };
  const unknown = values.without.find((name) => !attacks.includes(name));
  if (unknown !== undefined) throw new SiegeUsage(`--without is one of ${attacks.join(', ')}`);
  return {
    seed: number('seed'),
    seconds: number('seconds'),
    storm: number('storm'),
    oneAddress: values['one-address'],
    without: values.without,
    growthMax: number('growth-max'),
    node: values.node,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string', default: '1' },
        seconds: { type: 'string', default: '60' },
        storm: { type: 'string', default: '2000' },
        'one-address': { type: 'boolean', default: false },
        without: { type: 'string', multiple: true, default: [] },
        'growth-max': { type: 'string', default: '100' },
        node: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new SiegeUsage((error as Error).message);
  }
}
