import { InvalidArgumentError } from 'commander';

/** The value of --from and --to. Throws InvalidArgumentError. */
export function sequence(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || !Number.isSafeInteger(number)) {
    throw new InvalidArgumentError('Write the sequence of an event: a whole number, 1 or more.');
  }
  return number;
}

/** The value of --participants. Throws InvalidArgumentError. */
export function names(text: string): string[] {
  const all = text.split(',').map((name) => name.trim().normalize('NFC'));
  if (all.includes('')) throw new InvalidArgumentError('Write names with commas between them, such as ada,bob.');
  return all;
}
