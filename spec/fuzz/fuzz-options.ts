import { parseArgs } from 'node:util';

/** What `npm run fuzz` is asked for. */
export interface FuzzOptions {
  /** Decides on what each connection sends; the moments at which they meet are the machine's. */
  readonly seed: number;
  readonly seconds: number;
  /** The first connection's number, for a replay. */
  readonly from: number;
  /** How many connections at most. */
  readonly connections: number;
  /** Connections at the same time. */
  readonly atOnce: number;
  /** The Node binary that the server runs under; the running one if undefined. */
  readonly node: string | undefined;
  /** One run on each line of Node that can be had here. */
  readonly nodes: boolean;
}

/** The least and the most of each. */
export const fuzzLimits = {
  seed: [0, 2 ** 32 - 1],
  seconds: [1, 86_400],
  from: [0, 2 ** 31],
  connections: [1, 2 ** 31],
  'at-once': [1, 256],
} as const;

/** The command line makes no sense; the message says what would. */
export class FuzzUsage extends Error {
  override name = 'FuzzUsage';
}

/** Throws `FuzzUsage`. */
export function fuzzOptions(args: readonly string[]): FuzzOptions {
  const values = parsed(args);
  const number = (name: keyof typeof fuzzLimits): number => {
    const [least, most] = fuzzLimits[name];
    const value = /^\d{1,10}$/.test(values[name]) ? Number(values[name]) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new FuzzUsage(`--${name} is a whole number from ${least} to ${most}`);
  };
  if (values.node !== undefined && values.nodes) throw new FuzzUsage('--node PATH or --nodes, not both');
  return {
    seed: number('seed'),
    seconds: number('seconds'),
    from: number('from'),
    connections: number('connections'),
    atOnce: number('at-once'),
    node: values.node,
    nodes: values.nodes,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string', default: '1' },
        seconds: { type: 'string', default: '60' },
        from: { type: 'string', default: '0' },
        connections: { type: 'string', default: String(2 ** 31) },
        'at-once': { type: 'string', default: '16' },
        node: { type: 'string' },
        nodes: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new FuzzUsage((error as Error).message);
  }
}
