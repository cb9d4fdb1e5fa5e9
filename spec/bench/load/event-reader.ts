import type { MessageSink } from './message-reader.js';

/** Tags of proto/chit/v1/chat.proto that are looked at: field number · 8 + wire type. */
const tags = {
  events: 0x0a,
  welcome: 0x12,
  rejection: 0x1a,
  farewell: 0x22,
  eventSequence: 0x08,
  eventParticipant: 0x22,
  eventMessage: 0x32,
  messageOrdinal: 0x10,
  welcomeSequence: 0x20,
  welcomeParticipants: 0x3a,
} as const;

export interface EventSink {
  /** The next event; its encoding is `bytes` from `start` to `end`, which are another's once this has returned. */
  event?(sequence: number, bytes: Buffer, start: number, end: number): void;
  /** The visit's welcome; `place` is its sequence. */
  welcome(place: number, participants: number, encoded: Buffer): void;
  /** What should not come: a refusal, a farewell, a gap, something unreadable. */
  fault(what: string): void;
}

/** A single field of a response that is larger is taken for a fault, in bytes. */
const fieldBytesMax = 1024 * 1024;

const nothing = Buffer.alloc(0);

/**
 * Counts the events in ChatResponses by walking their tags and lengths, and sees to it that their sequences come one
 * after another. It decodes no more of an event than its sequence. Made for ReadHistoryResponses as well: `events` has
 * the same field number there.
 */
export class EventReader implements MessageSink {
  readonly #sink: EventSink;
  readonly #chat: boolean;
  /** The last event's sequence; before the first, where the reading begins. Negative while that is not known. */
  place: number;
  /** How many events came. */
  events = 0;
  /** The beginning of a field whose end is still to come. */
  #carried: Buffer = nothing;

  /** `after`: the sequence that the first event goes on from; a Chat stream's welcome tells it. */
  constructor(sink: EventSink, after?: number) {
    this.#sink = sink;
    this.#chat = after === undefined;
    this.place = after ?? -1;
  }

  piece(bytes: Buffer, start: number, end: number): void {
    if (this.#carried.length === 0) {
      this.#walk(bytes, start, end);
      return;
    }
    const joined = Buffer.concat([this.#carried, bytes.subarray(start, end)]);
    this.#carried = nothing;
    this.#walk(joined, 0, joined.length);
  }

  finish(): void {
    if (this.#carried.length > 0) this.#sink.fault('a message that ends within a field');
    this.#carried = nothing;
  }

  #walk(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      const field = at;
      const tag = bytes[at++] as number;
      let length = 0;
      let shift = 0;
      let more = true;
      while (more && at < end) {
        const byte = bytes[at++] as number;
        length += (byte & 0x7f) * 2 ** shift;
        shift += 7;
        more = byte >= 0x80;
      }
      // The only field that is no run of bytes is a number: ReadHistoryResponse.newest.
      const stop = (tag & 7) === 2 ? at + length : at;
      if (more || stop > end) {
        if (stop - field > fieldBytesMax) this.#sink.fault(`a field of ${length} bytes`);
        this.#carried = Buffer.from(bytes.subarray(field, end));
        return;
      }
      if (tag === tags.events) this.#event(bytes, at, stop);
      else if (this.#chat) this.#other(tag, bytes, at, stop);
      at = stop;
    }
  }

  #event(bytes: Buffer, start: number, end: number): void {
    // Encoders write fields by their numbers, so the sequence is the first.
    if (bytes[start] !== tags.eventSequence) {
      this.#sink.fault('an event without a sequence');
      return;
    }
    let sequence = 0;
    let factor = 1;
    let at = start + 1;
    for (; ; factor *= 128) {
      const byte = bytes[at++] as number;
      sequence += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
    }
    if (sequence !== this.place + 1) this.#sink.fault(`event ${sequence} after ${this.place}`);
    this.place = sequence;
    this.events += 1;
    this.#sink.event?.(sequence, bytes, start, end);
  }

  #other(tag: number, bytes: Buffer, start: number, end: number): void {
    if (tag !== tags.welcome) {
      this.#sink.fault(
        tag === tags.rejection ? 'a refusal' : tag === tags.farewell ? 'a farewell' : `an unknown field ${tag}`,
      );
      return;
    }
    let place = 0;
    let participants = 0;
    walkFields(bytes, start, end, (field, value) => {
      if (field === tags.welcomeSequence) place = value;
      if (field === tags.welcomeParticipants) participants += 1;
      return true;
    });
    this.place = place;
    this.#sink.welcome(place, participants, Buffer.from(bytes.subarray(start, end)));
  }
}

/** Which message of `author` an event is: its ordinal, or 0 if it is none of his messages. `bytes` as `EventSink.event` gets them. */
export function ordinalIfBy(author: Buffer, bytes: Buffer, start: number, end: number): number {
  let his = false;
  let ordinal = 0;
  walkFields(bytes, start, end, (tag, value, at) => {
    if (tag === tags.eventParticipant) {
      his = value === author.length && bytes.compare(author, 0, value, at, at + value) === 0;
      return his;
    }
    if (tag !== tags.eventMessage) return true;
    walkFields(bytes, at, at + value, (inner, number) => {
      if (inner === tags.messageOrdinal) ordinal = number;
      return ordinal === 0;
    });
    return false;
  });
  return his ? ordinal : 0;
}

/**
 * Calls `visit` with each field's tag, its value (of a run of bytes: their count) and where its bytes begin, until it says
 * no. All tags here are of one byte, and all numbers exact: sequences, ordinals.
 */
function walkFields(
  bytes: Buffer,
  start: number,
  end: number,
  visit: (tag: number, value: number, at: number) => boolean,
): void {
  let at = start;
  while (at < end) {
    const tag = bytes[at++] as number;
    let value = 0;
    const type = tag & 7;
    if (type === 1 || type === 5) {
      at += type === 1 ? 8 : 4;
      continue;
    }
    for (let factor = 1; at < end; factor *= 128) {
      const byte = bytes[at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
    }
    if (!visit(tag, value, at)) return;
    if (type === 2) at += value;
  }
}
