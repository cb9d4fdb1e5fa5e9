import { open } from 'lmdb';

/** How many bytes of its file a store that nobody has open makes use of: what is behind them is headroom. */
export async function usedBytes(directory: string): Promise<number> {
  const store = open(directory, { noSubdir: false, readOnly: true });
  const { pageSize, lastPageNumber } = store.getStats() as { pageSize: number; lastPageNumber: number };
  await store.close();
  return (lastPageNumber + 1) * pageSize;
}
