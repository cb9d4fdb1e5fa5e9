import { InvalidArgumentError } from 'commander';

const unitsMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** The longest wait a timer of the platform can have. */
const durationMsMax = 2 ** 31 - 1;

/** Milliseconds of a duration as people write it: `500ms`, `10s`, `2m`, `1h`, `1.5s`; `0`. Throws for anything else. */
export function durationMs(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? (text === '0' ? ['', '0', 'ms'] : []);
  const ms = Math.round(Number(number) * unitsMs[unit as keyof typeof unitsMs]);
  if (!(ms <= durationMsMax))
    throw new InvalidArgumentError('Write a duration such as 500ms, 10s or 2m, 24 days at most.');
  return ms;
}

/** The same of a number of seconds, which may also be written as a duration: `45`, `2m`. */
export function secondsMs(text: string): number {
  return durationMs(/^\d+(?:\.\d+)?$/.test(text) ? `${text}s` : text);
}
