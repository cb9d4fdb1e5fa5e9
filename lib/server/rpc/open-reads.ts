import { serviceName } from '../../codec/contract.js';
import type { Limits } from '../../core/limits.js';

const reads: ReadonlySet<string> = new Set(
  ['ReadHistory', 'ListRooms', 'ListParticipants'].map((method) => `/${serviceName}/${method}`),
);

/** Whether `path` is that of a call which only reads, and is answered with one message. */
export function isRead(path: unknown): boolean {
  return typeof path === 'string' && reads.has(path);
}

/** A read that is open or waits for it. */
export interface ReadPlace {
  /** Its stream is over. Further calls do nothing. */
  leave(): void;
}

interface Places {
  open: number;
  /** What begins those that wait, in the order in which they came. */
  readonly waiting: Set<() => void>;
}

/**
 * Lets only so many reads of one connection be open at once; its others begin as these end [P12]. As long as a read is only an HTTP/2
 * stream, it costs a third of what its call with gRPC does, and a connection's reads are done one after the other all the same. As
 * many wait as there are streams, which HTTP/2 limits (`streamsPerConnectionMax`).
 */
export class OpenReads {
  readonly #max: number;
  readonly #byConnection = new WeakMap<object, Places>();

  constructor(limits: Pick<Limits, 'readsOpenPerConnectionMax'>) {
    this.#max = limits.readsOpenPerConnectionMax;
  }

  /** Calls `begin`, which must not throw, when the read may be open. */
  enter(connection: object, begin: () => void): ReadPlace {
    const places = this.#byConnection.get(connection) ?? { open: 0, waiting: new Set() };
    this.#byConnection.set(connection, places);
    let isOpen = false;
    const open = (): void => {
      isOpen = true;
      places.open += 1;
      begin();
    };
    if (places.open < this.#max) open();
    else places.waiting.add(open);
    return {
      leave: () => {
        places.waiting.delete(open);
        if (!isOpen) return;
        isOpen = false;
        places.open -= 1;
        const [next] = places.waiting;
        if (!next) return;
        places.waiting.delete(next);
        next();
      },
    };
  }
}
