/** Whoever reads our output may stop reading it: that ends nothing by itself. */
export function outliveReaders(): void {
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
}
