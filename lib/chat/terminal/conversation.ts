import type { PublishedMessage } from '../../client/chat-client.js';
import type { RoomEvent } from '../../core/event.js';
import { eventLine, type Line } from '../../display/line.js';
import { CrossingMarks, ShownEvents } from '../causality/shown-events.js';
import { why } from '../causality/why.js';
import { fingerprintWords, groupedChain, spokenChain } from '../fingerprint/fingerprint.js';
import { chatLimits } from '../limits.js';

/**
 * The conversation as it is shown: events as lines, with the sign of those that crossed in flight, and the newest ones
 * kept to answer questions about them. An event is asked for by the logical time that its line shows.
 */
export class Conversation {
  readonly #shown = new ShownEvents(chatLimits.eventsExplainedMax);
  #marks = new CrossingMarks();

  /** The room's next event. */
  next(event: RoomEvent): Line {
    this.#shown.add(event);
    return eventLine(event, this.#marks.mark(event));
  }

  /** Events before all that were shown so far. The first one is not marked: what was above it is not shown. */
  earlier(events: readonly RoomEvent[]): Line[] {
    this.#shown.addEarlier(events);
    const marks = new CrossingMarks();
    return events.map((event) => eventLine(event, marks.mark(event)));
  }

  /** An own message has become an event. */
  published({ sequence, sent }: PublishedMessage): void {
    this.#shown.noteSent(sequence, sent);
  }

  /** What follows is of another history. */
  forget(): void {
    this.#shown.forget();
    this.#marks = new CrossingMarks();
  }

  /** Why an event has its time, and what its author knew, in sentences: the one at `lamport`, or the last message. */
  why(lamport: number | undefined): string[] {
    const events = this.#shown.all;
    const event = lamport === undefined ? events.findLast(({ kind }) => kind === 'message') : this.#at(lamport);
    if (event) return why(event, events, this.#shown.sent(event.sequence));
    return lamport === undefined ? ['Nobody has said anything yet.'] : [this.#missing(lamport)];
  }

  /** The fingerprint of everything up to an event, in sentences: up to the one at `lamport`, else to the newest. */
  fingerprint(lamport: number | undefined): string[] {
    const event = lamport === undefined ? this.#shown.all.at(-1) : this.#at(lamport);
    if (!event) return [lamport === undefined ? 'Nothing has happened yet.' : this.#missing(lamport)];
    return [
      `At [${event.lamport}], event ${event.sequence}: ${spokenChain(event.chain)}   (chain ${groupedChain(event.chain)})`,
      `A participant with the same ${fingerprintWords} words at [${event.lamport}] saw the same conversation up to there. To compare later: /fingerprint ${event.lamport}`,
    ];
  }

  #at(lamport: number): RoomEvent | undefined {
    return this.#shown.all.find((event) => event.lamport === lamport);
  }

  #missing(lamport: number): string {
    const events = this.#shown.all;
    const [oldest, newest] = [events[0], events.at(-1)];
    if (!oldest || !newest || lamport > newest.lamport) return `No event has the logical time ${lamport} yet.`;
    if (lamport > oldest.lamport) return `No event has the logical time ${lamport}: not every time has one.`;
    if (oldest.sequence === 1) return `No event has the logical time ${lamport}: the first one has ${oldest.lamport}.`;
    return events.length < chatLimits.eventsExplainedMax
      ? `What was before [${oldest.lamport}] is not here. Show it by /history, then ask again.`
      : `[${lamport}] is too long ago: of the last ${chatLimits.eventsExplainedMax} events this client can tell. Of all others chit-trace show can, from the log file.`;
  }
}
