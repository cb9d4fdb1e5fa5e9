import type { Status } from '../chat-client.js';
import type { Step } from './effects.js';
import type { SessionState } from './state.js';

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
