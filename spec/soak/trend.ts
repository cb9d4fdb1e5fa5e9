/** One reading of something, at a time in hours. */
export interface Reading {
  readonly hours: number;
  readonly value: number;
}

/** By how much the readings rise in an hour: the slope of the line that fits them best by least squares; 0 for fewer than two. */
export function risePerHour(readings: readonly Reading[]): number {
  const count = readings.length;
  if (count < 2) return 0;
  const mean = (of: (reading: Reading) => number) => readings.reduce((sum, one) => sum + of(one), 0) / count;
  const hours = mean((one) => one.hours);
  const value = mean((one) => one.value);
  const spread = readings.reduce((sum, one) => sum + (one.hours - hours) ** 2, 0);
  return readings.reduce((sum, one) => sum + (one.hours - hours) * (one.value - value), 0) / spread;
}
