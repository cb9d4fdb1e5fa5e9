import type { LeftReason, RoomEvent } from '../../core/event.js';
import type { EndStep } from '../history.js';
import type { Moment } from './space-time.js';

const leftWords: Readonly<Record<LeftReason, string>> = {
  UNSPECIFIED: '',
  ASKED: '',
  CONNECTION_LOST: ' (connection lost)',
  REMOVED: ' (removed)',
  SERVER_RESTARTED: ' (server restarted)',
};

const endWords: Readonly<Record<EndStep['how'], string>> = {
  present: 'is still in',
  left: 'has left',
  gone: 'is out of',
  lost: 'is heard of no more in',
};

/** An event in few words: `ada: hello`, `ada joined`. What it is made of is untrusted: escape it where it is shown. */
export function eventWords(event: RoomEvent): string {
  const { kind, participant } = event;
  if (kind === 'message') return `${participant}: ${event.text}`;
  // A log may have a reason that the contract lacks.
  return kind === 'left' ? `${participant} left${leftWords[event.reason] ?? ''}` : `${participant} joined`;
}

/** What happens at a moment, to be read after its lifeline's name: `sends 2: hello`. Untrusted, like `eventWords`. */
export function happening({ kind, room, event, text, ordinal, reason, how }: Moment): string {
  const what = event ? `${event.sequence}: ${eventWords(event)}` : `${ordinal}: ${text}`;
  switch (kind) {
    case 'start':
      return 'starts again';
    case 'ask-join':
      return `asks to join ${room}`;
    case 'ask-resume':
      return `asks to go on in ${room}`;
    case 'welcome':
      return `is let into ${room}`;
    case 'send':
      return `sends ${what}`;
    case 'send-again':
      return `sends again ${what}`;
    case 'ask-leave':
      return `asks to leave ${room}`;
    case 'refused':
      return ordinal === undefined ? `is refused: ${reason}` : `is refused message ${ordinal}: ${reason}`;
    case 'stamp':
      return `stamps ${what}`;
    case 'receive':
      return `receives ${what}`;
    case 'fill-in':
      return `fills in ${what}`;
    case 'lose-connection':
      return reason ? `loses its connection: ${reason}` : 'loses its connection';
    case 'end':
      return `${endWords[how ?? 'present']} ${room}`;
  }
}
