import type { ClientFields, Whose } from '../../codec/log-records.js';
import type { RecordEffect, Step } from './effects.js';
import type { Failure } from './inputs.js';
import type { OutboxEffect } from './outbox.js';
import type { SessionState } from './state.js';

type Level = RecordEffect['level'];
type Recorded = keyof ClientFields;

/** Has `fields` recorded, after those by which all records of the session are found [T4]. */
export function record<Event extends Recorded>(
  state: SessionState,
  step: Step,
  level: Level,
  event: Event,
  fields: Omit<ClientFields[Event], keyof Whose>,
): void {
  step.effects.push({ kind: 'record', level, event, fields: { ...whose(state), ...fields } } as RecordEffect);
}

/** The same of records that name the session: by its tag, for its id is a secret. */
export function recordOwn<Event extends 'send' | 'send-again' | 'refused' | 'send-leave' | 'half-close'>(
  state: SessionState,
  step: Step,
  level: Level,
  event: Event,
  fields: Omit<ClientFields[Event], keyof Whose | 'session'>,
): void {
  const all = { ...whose(state), session: state.tag, ...fields };
  step.effects.push({ kind: 'record', level, event, fields: all } as RecordEffect);
}

/** The session could not get in, because of `failure`. */
export function recordNotJoined(state: SessionState, step: Step, failure: Failure): void {
  const fields = { ...whose(state), server: state.options.server, err: failure };
  step.effects.push({ kind: 'record', level: 'warn', event: 'not-joined', fields, failure });
}

/** What should not happen did. */
export function recordBroken(state: SessionState, step: Step, failure: Failure): void {
  const fields = { ...whose(state), err: failure };
  step.effects.push({ kind: 'record', level: 'error', event: 'visit-failed', fields, failure });
}

/** Where the outbox says what became of its publishes. */
export function outboxTeller(state: SessionState, step: Step): (effect: OutboxEffect) => void {
  return (effect) => {
    switch (effect.kind) {
      case 'settle':
        step.effects.push(effect);
        break;
      case 'accepted': {
        const { ordinal, sequence } = effect;
        record(state, step, 'info', 'accepted', { ordinal, sequence });
        break;
      }
      case 'no-answer': {
        const { ordinal, reason } = effect;
        record(state, step, 'info', 'no-answer', { ordinal, reason });
        break;
      }
    }
  };
}

function whose({ options }: SessionState): Whose {
  return { participant: options.name, room: options.room };
}
