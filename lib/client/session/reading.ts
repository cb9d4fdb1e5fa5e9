import type { RoomEvent } from '../../core/event.js';
import type { Step } from './effects.js';
import { receiveEvent } from './history.js';
import type { PageHead } from './inputs.js';
import { record } from './record.js';
import type { PageReading, SessionState } from './state.js';
import { tellStatus } from './status.js';

/** `more`: an answer is waited for. `done`: all is read. `lost`: what the server has does not follow. */
export type ReadingProgress = 'more' | 'done' | 'lost';

export function startReading(
  state: SessionState,
  step: Step,
  to: number | undefined,
  then: PageReading['then'],
): ReadingProgress {
  state.phase = 'reading';
  state.reading = { from: state.sequence, to, then, waiting: undefined, page: undefined };
  return askForPage(state, step);
}

/** A page has come: its events are taken, unless the reader has paused. */
export function receivePage(state: SessionState, step: Step, page: PageHead | 'lost'): ReadingProgress {
  const { reading } = state;
  if (!reading) return 'more';
  if (state.pauses.size > 0) {
    reading.waiting = page;
    return 'more';
  }
  reading.waiting = undefined;
  if (page === 'lost' || page.logId !== state.logId || page.newest < state.sequence) return 'lost';
  reading.page = page;
  if (page.events > 0) {
    step.effects.push({ kind: 'deliverPage' });
    return 'more';
  }
  return page.newest === state.sequence ? endPage(state, step) : 'lost';
}

/** The page that waited for the reader is taken now. */
export function receiveWaitingPage(state: SessionState, step: Step): ReadingProgress {
  const waiting = state.reading?.waiting;
  return waiting ? receivePage(state, step, waiting) : 'more';
}

export function receivePageEvent(state: SessionState, step: Step, event: RoomEvent): ReadingProgress {
  if (!state.reading?.page) return 'more';
  return receiveEvent(state, step, event, true) ? 'more' : 'lost';
}

/** All events of the page were received. */
export function endPage(state: SessionState, step: Step): ReadingProgress {
  const { reading } = state;
  if (!reading?.page) return 'more';
  const behind = reading.page.newest - state.sequence;
  reading.page = undefined;
  if (behind === 0) return endReading(state, step, reading);
  if (reading.to === undefined) tellStatus(state, step, { state: 'catching-up', behind });
  return askForPage(state, step);
}

function askForPage(state: SessionState, step: Step): ReadingProgress {
  const { reading, sequence, chain } = state;
  if (!reading) return 'more';
  const behind = reading.to === undefined ? undefined : reading.to - sequence;
  if (behind !== undefined && behind <= 0) return endReading(state, step, reading);
  step.effects.push({ kind: 'readHistory', after: sequence, limit: behind ?? 0, chain });
  if (behind !== undefined) tellStatus(state, step, { state: 'catching-up', behind });
  return 'more';
}

function endReading(state: SessionState, step: Step, { from }: PageReading): ReadingProgress {
  const { logId, sequence } = state;
  if (sequence > from) record(state, step, 'info', 'gap-filled', { logId, after: from, sequence });
  return 'done';
}
