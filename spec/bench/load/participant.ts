import type { Speaker } from './speaker.js';

/** One participant of the load, whatever protocol it speaks. */
export interface Participant {
  /** Whether it is let in, and receives what is said from here on. */
  readonly joined: boolean;
  /** How far it has come: what everybody has received, everybody has at the same place, and a message more is one place more. */
  readonly place: number;
  /** What it says, and how much of it has come back. */
  readonly speaker: Speaker;
  /** The first thing that went wrong. */
  readonly fault: string | undefined;
  /** Called with each place it comes to, if set. */
  arrived: ((place: number) => void) | undefined;
}
