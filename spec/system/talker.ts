import type { RoomEvent } from '../../lib/core/event.js';
import type { RawCaller, RawChat } from './raw-caller.js';

/**
 * A participant who says one thing after another as fast as the server acknowledges them, each text once, until the
 * server is gone. On Chat an own message's event is its acknowledgement, of a call of Publish the answer is.
 */
export class Talker {
  /** The events with which messages were acknowledged, and all others that were seen: none may disappear [P4]. */
  readonly seen: RoomEvent[] = [];
  /** How many of these were acknowledgements of own messages. */
  acknowledged = 0;
  readonly #caller: RawCaller;
  readonly #name: string;
  readonly #chat: RawChat;
  #ordinal = 0;
  #taken = 0;

  constructor(caller: RawCaller, name: string) {
    this.#caller = caller;
    this.#name = name;
    this.#chat = caller.chat();
  }

  async join(): Promise<string> {
    return (await this.#chat.join(this.#name)).session;
  }

  /** Talks on Chat with `underWay` messages unanswered at a time. Resolves when the stream is over. */
  onChat(about: string, underWay: number): Promise<void> {
    return new Promise((resolve) => {
      const answered = () => {
        for (; this.#taken < this.#chat.events.length; this.#taken += 1) {
          const event = this.#chat.events[this.#taken] as RoomEvent;
          this.seen.push(event);
          if (event.kind === 'message' && event.participant === this.#name) this.acknowledged += 1;
        }
        while (!this.#chat.end && this.#ordinal - this.acknowledged < underWay) {
          this.#ordinal += 1;
          this.#chat.publish(`${this.#name} ${about} ${this.#ordinal}`, { ordinal: this.#ordinal });
        }
        if (this.#chat.end) resolve();
      };
      this.#chat.told = answered;
      answered();
    });
  }

  /** Talks by calls of Publish, one at a time. Resolves when one fails. */
  async byCalls(session: string, about: string): Promise<void> {
    for (;;) {
      this.#ordinal += 1;
      try {
        const text = `${this.#name} ${about} ${this.#ordinal}`;
        const { event } = await this.#caller.publish(session, text, this.#ordinal);
        this.seen.push(event);
        this.acknowledged += 1;
      } catch {
        this.seen.push(...this.#chat.events);
        return;
      }
    }
  }
}
