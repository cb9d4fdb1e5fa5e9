/** How much of something is taken: of all there is, and by one address. */
export interface Taken {
  readonly total: number;
  readonly own: number;
}

export interface PortionLimits {
  readonly totalMax: number;
  readonly ownMax: number;
  /** Of the total, what is kept from an address that holds most of what is taken, in percent. */
  readonly reservedPercent: number;
}

/** What one more would go over: the total, the address's own share, or what is kept for others. */
export type Excess = 'total' | 'own' | 'reserved';

/**
 * What keeps an address from taking one more; undefined if nothing does. So that others can always come in, an address that
 * holds, or would hold, more than half of what is taken cannot have the last tenth (`reservedPercent`) of the total.
 */
export function excessOf(
  { total, own }: Taken,
  { totalMax, ownMax, reservedPercent }: PortionLimits,
): Excess | undefined {
  if (own >= ownMax) return 'own';
  if (total >= totalMax) return 'total';
  const reserved = Math.floor((totalMax * reservedPercent) / 100);
  return total >= totalMax - reserved && holdsMost({ total, own }) ? 'reserved' : undefined;
}

/** Whether the address would, with one more, hold more than half of what is taken. */
export function holdsMost({ total, own }: Taken): boolean {
  return own > 0 && own * 2 >= total;
}
