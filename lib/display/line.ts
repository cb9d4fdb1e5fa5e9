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
 * Marks a message that crossed another in flight: in no name, in every font and locale, one column wide everywhere.
 */
export const crossedSign = '~';

/**
 * An event as people read it, with its logical time [S4] [S5] [S6] [S7]. Of a message that has `crossed` in flight the
 * sign of that stands before the name.
 */
export function eventLine(event: RoomEvent, crossed = false): Line {
  const { kind, lamport, participant } = event;
  const name: Span = { text: displaySafe(participant), tone: { author: participant } };
  const at = `at logical time ${lamport}`;
  if (kind === 'message') {
    const time = `[${lamport}]`;
    const sign: Span[] = crossed ? [faint(time), { text: crossedSign, tone: 'notice' }] : [faint(`${time} `)];
    const text = `: ${displaySafe(event.text)}`;
    return { indent: time.length + 1, spans: [...sign, name, { text, tone: 'plain' }] };
  }
  const who = [faint('Participant '), name];
  if (kind !== 'unknown') return { indent: 2, spans: [...who, faint(` ${kind} Chit Chat ${at}`)] };
  const isNamed = name.text !== '';
  const what = `${isNamed ? ' did something' : 'Something'} that this client does not know`;
  return { indent: 2, spans: [...(isNamed ? who : []), faint(what), faint(`${isNamed ? '' : ' happened'} ${at}`)] };
}

function faint(text: string): Span {
  return { text, tone: 'faint' };
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
