/** Of the indices below `length`, of which the first ones lie `before` and all others do not, the first that does not; else `length`. */
export function partitionPoint(length: number, before: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
