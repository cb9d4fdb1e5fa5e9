import type { Rejection, RejectionReason } from '../core/rejection.js';

/** The server refused a join or a publish; `rejection` says why and when to try again. */
export class Refused extends Error {
  override name = 'Refused';
  readonly rejection: Rejection;

  constructor(rejection: Rejection) {
    super(rejection.detail);
    this.rejection = rejection;
  }
}

/** No server answered at the address, or what answered is no chat server. */
export class CannotConnect extends Error {
  override name = 'CannotConnect';
}

/** The server's proxy did not make the connection; the message names it, what it answered, and what to do. */
export class ProxyFailed extends CannotConnect {
  override name = 'ProxyFailed';
}

/** What is asked for is damaged in the server's store: it will not be had by trying again. */
export class HistoryDamaged extends CannotConnect {
  override name = 'HistoryDamaged';
}

/** There will be no answer to a publish. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
  /** True: nobody knows whether it was published. False: it certainly was not, and may be published again. */
  readonly sent: boolean;

  constructor(message: string, sent = true) {
    super(message);
    this.sent = sent;
  }
}

/** The session ended before the answer came. */
export class VisitOver extends NoAnswer {
  override name = 'VisitOver';
}

/** The answer did not come within `publishMsMax`. */
export class Overdue extends NoAnswer {
  override name = 'Overdue';
}

/** The room's event log was lost before the answer came, and with it what may have been published [P11]. */
export class HistoryLost extends NoAnswer {
  override name = 'HistoryLost';
}

/** The session that was to be left is over already; for log records only. */
export class SessionGone extends Error {
  override name = 'SessionGone';
}

const retryable: ReadonlySet<RejectionReason> = new Set(['RATE_LIMITED', 'OVERLOADED', 'READ_ONLY']);

/** Whether a refusal means "later", not "no". */
export function isRetryable(reason: RejectionReason): boolean {
  return retryable.has(reason);
}
