import { status } from '@grpc/grpc-js';
import { serviceName } from '../../codec/contract.js';
import type { Limits } from '../../core/limits.js';
import { rejection } from '../../core/rejection.js';
import type { Shares } from '../access/shares.js';
import type { CallListening } from './grpc-js/one-interceptor.js';
import { statusOf } from './status.js';

/** Methods that have shares of their own where they are done: joins, resumes, messages, leaves. All others are reads. */
const acting: ReadonlySet<string> = new Set(
  ['Chat', 'Subscribe', 'Publish', 'Leave'].map((method) => `/${serviceName}/${method}`),
);

/** Statuses that tell a caller that its request was wrong, or too much. */
const refusals: ReadonlySet<status> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.PERMISSION_DENIED,
  status.RESOURCE_EXHAUSTED,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
  status.UNIMPLEMENTED,
  status.UNAUTHENTICATED,
]);

export interface CallSharesParts {
  readonly shares: Pick<Shares, 'origin'>;
  readonly limits: Pick<Limits, 'heldMsMax'>;
}

/**
 * Lets each call begin when it is its turn [P12]: a read by its address's share of reads, and any call of a connection that was
 * refused too much only after a rest. Until then the call is open and nothing is done for it. As a connection has only so many
 * streams, a client that goes on over its share is served no faster. If too many wait, a read is refused after its wait.
 */
export class CallShares {
  readonly #parts: CallSharesParts;

  constructor(parts: CallSharesParts) {
    this.#parts = parts;
  }

  /** A call of `peer` has ended with this status. */
  ended(peer: string, code: status): void {
    if (!refusals.has(code)) return;
    const nowMs = Date.now();
    const origin = this.#parts.shares.origin(peer, nowMs);
    origin.refused(nowMs);
    origin.release(nowMs);
  }

  readonly listening: CallListening = (method, call) => {
    const { shares, limits } = this.#parts;
    const origin = shares.origin(call.getPeer(), Date.now());
    let held: NodeJS.Timeout | undefined;
    // A stream counts as a use of its connection only once it has joined.
    if (!method.requestStream && !method.responseStream) origin.use();
    return {
      onReceiveMetadata: (metadata, admit) => {
        const nowMs = Date.now();
        const restMs = origin.restMs(nowMs);
        const turn = acting.has(method.path) ? undefined : origin.turn('read', nowMs);
        const waitMs = Math.max(restMs, turn?.kind === 'in' ? turn.dueInMs : turn ? limits.heldMsMax : 0);
        const begin = (): void => {
          if (turn?.kind !== 'over') admit(metadata);
          else {
            const overloaded = rejection('OVERLOADED', 0, turn.retryAfterMs);
            call.sendStatus(statusOf({ kind: 'refused', rejection: overloaded }));
          }
        };
        if (waitMs === 0) begin();
        else held = setTimeout(begin, waitMs);
      },
      onCancel: () => {
        clearTimeout(held);
        origin.release(Date.now());
      },
    };
  };
}
