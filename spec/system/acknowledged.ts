import type { RoomEvent } from '../../lib/core/event.js';
import { transcript } from './transcript.js';

/** What has become of messages by what a history has of them; all lists are empty when all is well [P4] [P5] [P6]. */
export interface Verdict {
  /** Seen events that the history does not have, or has otherwise. */
  readonly lost: string[];
  /** Texts that the history has more than once, where each was said once. */
  readonly duplicated: string[];
  /** Participants whose messages are not in the order of their ordinals. */
  readonly disordered: string[];
}

/** Compares events that were seen before a server's end with the history after its new start. */
export function verdictOf(seen: readonly RoomEvent[], history: readonly RoomEvent[]): Verdict {
  const kept = new Set(transcript(history));
  const texts = new Set<string>();
  const duplicated: string[] = [];
  const newest = new Map<string, number>();
  const disordered = new Set<string>();
  for (const event of history) {
    // The next session of this name counts anew.
    if (event.kind === 'joined') newest.set(event.participant, 0);
    if (event.kind !== 'message') continue;
    if (texts.has(event.text)) duplicated.push(event.text);
    texts.add(event.text);
    if (event.ordinal <= (newest.get(event.participant) ?? 0)) disordered.add(event.participant);
    newest.set(event.participant, event.ordinal);
  }
  const lost = transcript(seen).filter((line) => !kept.has(line));
  return { lost, duplicated, disordered: [...disordered] };
}
