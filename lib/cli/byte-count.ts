import { InvalidArgumentError } from 'commander';

const units = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 } as const;

/** Bytes as people write them: `500KB`, `64MB`, `1.5GB`, in steps of 1024; 1 at least. Throws for anything else. */
export function byteCount(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)$/i.exec(text) ?? [];
  const bytes = Math.round(Number(number) * units[unit?.toUpperCase() as keyof typeof units]);
  if (!(bytes >= 1 && Number.isSafeInteger(bytes)))
    throw new InvalidArgumentError('Write a size such as 500KB, 64MB or 1GB.');
  return bytes;
}
