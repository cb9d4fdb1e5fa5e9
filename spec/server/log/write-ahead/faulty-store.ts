import { openSegmentFile, type SegmentFile } from '../../../../lib/server/log/write-ahead/segment.js';
import type { TakingStore } from '../../../../lib/server/log/write-ahead/write-ahead-log.js';

/** How a call fails: before it does anything, after a part of it, or after all of it. */
export type FaultKind = 'none of it' | 'half of it' | 'all of it';

/** Says how a call fails, if it does; calls are counted from 1. */
export type FaultPlan = (call: number) => FaultKind | undefined;

/** Counts calls, and says which fail. */
export class Faults {
  calls = 0;
  /** How many have failed. */
  failed = 0;
  readonly #plan: FaultPlan;
  readonly #code: string;

  constructor(plan: FaultPlan = () => undefined, code = 'EIO') {
    this.#plan = plan;
    this.#code = code;
  }

  /** Undefined where the next call succeeds. */
  next(): { readonly kind: FaultKind; readonly error: Error } | undefined {
    this.calls += 1;
    const kind = this.#plan(this.calls);
    if (!kind) return undefined;
    this.failed += 1;
    return { kind, error: Object.assign(new Error(`${this.#code}: call ${this.calls}`), { code: this.#code }) };
  }
}

/** A segment's file whose writes, flushes and truncations fail as `faults` says. `before`: called before each of them. */
export function faultyFile(path: string, faults: Faults, before: () => void = () => {}): SegmentFile {
  const file = openSegmentFile(path);
  return {
    get size() {
      return file.size;
    },
    write(bytes, at) {
      before();
      const fault = faults.next();
      const part = { 'none of it': 0, 'half of it': Math.ceil(bytes.length / 2), 'all of it': bytes.length };
      file.write(fault ? bytes.subarray(0, part[fault.kind]) : bytes, at);
      if (fault) throw fault.error;
    },
    truncate(size) {
      before();
      const fault = faults.next();
      if (!fault || fault.kind === 'all of it') file.truncate(size);
      if (fault) throw fault.error;
    },
    async flush() {
      before();
      const fault = faults.next();
      // What survives the loss of power is no matter here.
      if (fault) throw fault.error;
    },
    close: () => file.close(),
  };
}

/** A store whose appends, removals and searches for space fail as `faults` says. */
export function faultyStore(store: TakingStore, faults: Faults): TakingStore {
  const unless = async (work: () => Promise<void>): Promise<void> => {
    const fault = faults.next();
    if (!fault) await work();
    // It is the log's own promise that a rejected append was not made.
    else throw fault.error;
  };
  return {
    append: (group) => unless(() => store.append(group)),
    takeOver: (groups) => unless(() => store.takeOver(groups)),
    remove: (room) => unless(() => store.remove(room)),
    ensureSpace: (need) => unless(() => store.ensureSpace(need)),
    read: (...args) => store.read(...args),
    chainAt: (...args) => store.chainAt(...args),
    oldest: (room) => store.oldest(room),
    head: (room) => store.head(room),
    heads: () => store.heads(),
    recover: (room) => store.recover(room),
    close: () => store.close(),
  };
}
