import { readFileSync } from 'node:fs';

/**
 * The life of the operating system that this is: another one after each start of the machine. Empty where that cannot
 * be told.
 */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
