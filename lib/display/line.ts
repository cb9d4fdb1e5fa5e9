import type { RoomEvent } from '../core/event.js';
import { displaySafe } from './display-safe.js';
import type { Tone } from './palette.js';

/** A piece of a line in one tone; the text is safe to show. */
export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** One line of the conversation, before it is broken into rows. */
export interface Line {
  readonly spans: readonly Span[];
  /** Columns by which all rows but the first are moved in: no peer's text can begin a row [S7]. */
  readonly indent: number;
}

/**
 * Marks a message that crossed another in flight. No name has it, every font and locale has it, and it is one column wide
 * everywhere.
 */
export const crossedSign = '~';

/**
 * An event as people read it, with its logical time [S4] [S5] [S6] [S7]. Of a message that has `crossed` in flight the sign of that
 * stands before the name.
 */
export function eventLine(event: RoomEvent, crossed = false): Line {
  const name = displaySafe(event.participant);
  const author: Tone = { author: event.participant };
  switch (event.kind) {
    case 'joined':
    case 'left':
      return {
        indent: 2,
        spans: [
          { text: 'Participant ', tone: 'faint' },
          { text: name, tone: author },
          { text: ` ${event.kind} Chit Chat at logical time ${event.lamport}`, tone: 'faint' },
        ],
      };
    case 'unknown':
      return {
        indent: 2,
        spans: [
          ...(name ? [{ text: 'Participant ', tone: 'faint' } as const, { text: name, tone: author }] : []),
          { text: `${name ? ' did something' : 'Something'} that this client does not know`, tone: 'faint' },
          { text: `${name ? '' : ' happened'} at logical time ${event.lamport}`, tone: 'faint' },
        ],
      };
    case 'message': {
      const time = `[${event.lamport}]`;
      return {
        indent: time.length + 1,
        spans: [
          { text: crossed ? time : `${time} `, tone: 'faint' },
          ...(crossed ? [{ text: crossedSign, tone: 'notice' } as const] : []),
          { text: name, tone: author },
          { text: `: ${displaySafe(event.text)}`, tone: 'plain' },
        ],
      };
    }
  }
}

/** An event as one line of plain text, worded like `eventLine`. */
export function eventText(event: RoomEvent): string {
  return eventLine(event)
    .spans.map((span) => span.text)
    .join('');
}

/** What the program itself says: marked, so that nobody takes it for a part of the conversation. */
export function noticeLine(text: string, tone: 'notice' | 'alert' = 'notice'): Line {
  return { spans: [{ text: `-- ${displaySafe(text)}`, tone }], indent: 3 };
}
