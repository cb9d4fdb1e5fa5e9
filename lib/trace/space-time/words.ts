import type { LeftReason, RoomEvent } from '../../core/event.js';
import type { StepOf } from '../history/history.js';
import type { Moment, MomentKind } from './space-time.js';

/** What is done with an event. */
const deeds: Readonly<Partial<Record<MomentKind, string>>> = {
  stamp: 'stamps',
  receive: 'receives',
  'fill-in': 'fills in',
};

const leftWords: Readonly<Record<LeftReason, string>> = {
  UNSPECIFIED: '',
  ASKED: '',
  CONNECTION_LOST: ' (connection lost)',
  REMOVED: ' (removed)',
  SERVER_RESTARTED: ' (server restarted)',
};

const endWords: Readonly<Record<StepOf<'end'>['how'], string>> = {
  present: 'is still in',
  left: 'has left',
  gone: 'is out of',
  lost: 'is heard of no more in',
};

/** What happens at a moment, in pieces: laid end to end they are read after the lifeline's name. All are untrusted. */
interface Telling {
  readonly before: string;
  /** Of an event, whose it is; empty of all else. */
  readonly author: string;
  readonly after: string;
}

/** What happens at a moment, such as `stamps 5: ` · `ada` · `: hello`. */
export function telling(moment: Moment): Telling {
  const { event } = moment;
  if (!event) return { before: askings[moment.kind]?.(moment) ?? moment.kind, author: '', after: '' };
  const { sequence, participant } = event;
  return {
    before: `${deeds[moment.kind] ?? moment.kind} ${sequence}: `,
    author: participant,
    after: afterAuthor(event),
  };
}

function afterAuthor(event: RoomEvent): string {
  if (event.kind === 'message') return `: ${event.text}`;
  if (event.kind === 'unknown') return ' did something that this client does not know';
  // A log may have a reason that the contract lacks.
  return event.kind === 'left' ? ` left${leftWords[event.reason] ?? ''}` : ' joined';
}

/** What happens at a moment, to follow its lifeline's name: `sends 2: hello`. Untrusted: escape it where shown. */
export function happening(moment: Moment): string {
  const { before, author, after } = telling(moment);
  return before + author + after;
}

const askings: Readonly<Partial<Record<MomentKind, (moment: Moment) => string>>> = {
  'log-begins': ({ room }) => `is in ${room}, where a part of its log begins`,
  start: () => 'begins another visit',
  'ask-join': ({ room }) => `asks to join ${room}`,
  'ask-resume': ({ room }) => `asks to go on in ${room}`,
  welcome: ({ room }) => `is let into ${room}`,
  send: ({ ordinal, text }) => `sends ${ordinal}: ${text}`,
  'send-again': ({ ordinal, text }) => `sends again ${ordinal}: ${text}`,
  'ask-leave': ({ room }) => `asks to leave ${room}`,
  refused: ({ ordinal, reason }) =>
    ordinal === undefined ? `is refused: ${reason}` : `is refused message ${ordinal}: ${reason}`,
  'lose-connection': ({ reason }) => (reason ? `loses its connection: ${reason}` : 'loses its connection'),
  end: ({ how, room }) => `${endWords[how ?? 'present']} ${room}`,
};
