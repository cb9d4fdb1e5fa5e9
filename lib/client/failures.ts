import { CannotConnect, HistoryDamaged, HistoryLost, Overdue, Refused, SessionGone, VisitOver } from './errors.js';
import type { Failure, PublishOutcome } from './session/protocol.js';

/** The errors of which failures were made: with their stacks and causes. */
const errors = new WeakMap<Failure, Error>();

/** What a transport's error is to a session. */
export function failureOf(thrown: unknown): Failure {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const failure = classified(error);
  errors.set(failure, error);
  return failure;
}

function classified(error: Error): Failure {
  const { message } = error;
  if (error instanceof Refused) return { kind: 'refused', rejection: error.rejection };
  if (error instanceof HistoryDamaged) return { kind: 'damaged', message };
  return { kind: error instanceof CannotConnect ? 'unreachable' : 'broken', message };
}

/** What a failure is to the program that uses the library. */
export function errorOf(failure: Failure): Error {
  return errors.get(failure) ?? made(failure);
}

function made(failure: Failure): Error {
  switch (failure.kind) {
    case 'refused':
      return new Refused(failure.rejection);
    case 'damaged':
      return new HistoryDamaged(failure.message);
    case 'unreachable':
      return new CannotConnect(failure.message);
    case 'gone':
      return new SessionGone();
    case 'ended':
      return new VisitOver(failure.message);
    case 'broken':
      return new Error(failure.message);
  }
}

/** Why a publish was not accepted. */
export function outcomeError(outcome: Exclude<PublishOutcome, { kind: 'accepted' }>): Error {
  if (outcome.kind === 'refused') return new Refused(outcome.rejection);
  const { why, message, sent } = outcome;
  const kinds = { overdue: Overdue, 'history-lost': HistoryLost, over: VisitOver };
  return new kinds[why](message, sent);
}
