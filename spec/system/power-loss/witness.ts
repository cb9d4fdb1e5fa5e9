import type { RoomEvent } from '../../../lib/core/event.js';
import { transcript } from '../transcript.js';

/** One history of a room: from its beginning until it was removed. */
export interface Era {
  readonly logId: string;
  /**
   * By sequence: each event that a participant was told, or that was read in the end, and when it was first seen, in
   * milliseconds since 1970.
   */
  readonly events: Map<number, { readonly event: RoomEvent; readonly seenMs: number }>;
}

/** What participants know, by their own clock. */
export class Witness {
  /** By room; of one room in the order in which they began. */
  readonly eras = new Map<string, Era[]>();
  /** Texts that were refused, and when that was known. */
  readonly refused = new Map<string, number>();
  /** Texts that were published, and when. */
  readonly published = new Map<string, number>();

  /** Throws where it was told otherwise before. */
  see(room: string, logId: string, event: RoomEvent, seenMs: number): void {
    const { events } = this.era(room, logId);
    const known = events.get(event.sequence);
    if (!known) events.set(event.sequence, { event, seenMs });
    else if (transcript([known.event])[0] !== transcript([event])[0]) {
      throw new Error(`told twice, and not the same: ${transcript([known.event, event]).join('; ')}`);
    }
  }

  era(room: string, logId: string): Era {
    const eras = this.eras.get(room) ?? [];
    this.eras.set(room, eras);
    let era = eras.find((one) => one.logId === logId);
    if (!era) {
      era = { logId, events: new Map() };
      eras.push(era);
    }
    return era;
  }

  toJSON(): unknown {
    return {
      eras: [...this.eras].map(([room, eras]) => [
        room,
        eras.map(({ logId, events }) => ({ logId, events: [...events] })),
      ]),
      refused: [...this.refused],
      published: [...this.published],
    };
  }

  static from(json: WitnessJson): Witness {
    const witness = new Witness();
    for (const [room, eras] of json.eras) {
      witness.eras.set(
        room,
        eras.map(({ logId, events }) => ({ logId, events: new Map(events) })),
      );
    }
    for (const [text, at] of json.refused) witness.refused.set(text, at);
    for (const [text, at] of json.published) witness.published.set(text, at);
    return witness;
  }
}

export interface WitnessJson {
  readonly eras: [room: string, { logId: string; events: [number, { event: RoomEvent; seenMs: number }][] }[]][];
  readonly refused: [string, number][];
  readonly published: [string, number][];
}
