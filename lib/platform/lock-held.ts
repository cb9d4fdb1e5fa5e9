/** Another process, or this one, holds the lock; `holder` is its process id, empty where that is not known. */
export class LockHeld extends Error {
  override name = 'LockHeld';
  readonly holder: string;
  /** Where the holder is a process that cannot be looked at from here: the file to remove if it is over. */
  readonly claim: string | undefined;

  constructor(holder: string, claim?: string) {
    super(`locked by process ${holder || 'unknown'}`);
    this.holder = holder;
    this.claim = claim;
  }
}
