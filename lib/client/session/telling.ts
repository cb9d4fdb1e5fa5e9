import type { ClientFields, Whose } from '../../codec/log-records.js';
import type { Status } from '../chat-client.js';
import type { Failure, RecordEffect, Step } from './protocol.js';
import type { SessionState } from './state.js';

type Recorded = keyof ClientFields;

/** What people who run a client should look at; all else is in order. */
const levels: Readonly<Partial<Record<Recorded, RecordEffect['level']>>> = {
  offline: 'warn',
  'history-lost': 'warn',
  'join-refused': 'warn',
  'not-joined': 'warn',
  refused: 'warn',
  'visit-failed': 'error',
};

/**
 * Has `fields` recorded, after those by which all records of the session are found [T4]. `failure` is recorded as the
 * error `err`. A record that names the session does so by its tag, for its id is a secret.
 */
export function record<Event extends Recorded>(
  { options }: SessionState,
  step: Step,
  event: Event,
  fields: Omit<ClientFields[Event], keyof Whose>,
  failure?: Failure,
): void {
  const all = { participant: options.name, room: options.room, ...fields };
  const level = levels[event] ?? 'info';
  step.effects.push({ kind: 'record', level, event, fields: all, ...(failure && { failure }) } as RecordEffect);
}

/** Tells how the session stands. */
export function tellStatus(state: SessionState, step: Step, status: Status): void {
  state.status = status;
  step.effects.push({ kind: 'status', status });
}

/** Tells whether a session that takes part is up to what its welcome told of, where that is news. */
export function tellProgress(state: SessionState, step: Step): void {
  if (!state.welcome) return;
  const { status, sequence } = state;
  const behind = state.welcome.newest - sequence;
  if (behind <= 0) tellStatus(state, step, { state: 'live' });
  else if (status?.state !== 'catching-up' || status.behind !== behind) {
    tellStatus(state, step, { state: 'catching-up', behind });
  }
}
