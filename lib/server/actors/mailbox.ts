import type { Ref } from '../room/pending.js';

/** What an actor does with each kind of message. */
export type Handlers<Actor, Message extends { readonly kind: string }> = {
  readonly [Kind in Message['kind']]: (actor: Actor, message: Extract<Message, { readonly kind: Kind }>) => void;
};

/** Has `actor` do with `message` what `handlers` says. */
export function handle<Actor, Message extends { readonly kind: string }>(
  handlers: Handlers<Actor, Message>,
  actor: Actor,
  message: Message,
): void {
  const handler = handlers[message.kind as Message['kind']] as (actor: Actor, message: Message) => void;
  handler(actor, message);
}

/** An actor was told more than `messagesMax` messages while it handled one. */
export class MailboxFull extends Error {
  override name = 'MailboxFull';
}

export interface MailboxOptions<Message> {
  readonly handle: (message: Message) => void;
  /** What `handle` threw, or MailboxFull. Must not throw. */
  readonly failed: (error: unknown) => void;
  readonly messagesMax: number;
  /** Is shown each message before it is handled: for a journal of them. Must not throw. */
  readonly observe?: ((message: Message) => void) | undefined;
}

/**
 * An actor's mailbox: messages are handled one at a time, in the order they were told, synchronously. One told while
 * another is handled waits for that one's end, so an actor never sees its own state half changed. A message whose
 * handling throws is reported, and the next one is handled all the same. An actor that cannot go on for now pauses it.
 */
export class Mailbox<Message> implements Ref<Message> {
  readonly #options: MailboxOptions<Message>;
  readonly #waiting: Message[] = [];
  #handling = false;
  #paused = false;

  constructor(options: MailboxOptions<Message>) {
    this.#options = options;
  }

  tell(message: Message): void {
    if (this.#waiting.length >= this.#options.messagesMax) {
      this.#options.failed(new MailboxFull(`more than ${this.#options.messagesMax} messages are waiting`));
      return;
    }
    this.#waiting.push(message);
    this.#handleAll();
  }

  /** From the end of the message on that is handled now, whatever is told waits. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#handleAll();
  }

  get isHandling(): boolean {
    return this.#handling;
  }

  #handleAll(): void {
    if (this.#handling) return;
    this.#handling = true;
    try {
      while (this.#waiting.length > 0 && !this.#paused) this.#handleNext();
    } finally {
      this.#handling = false;
    }
  }

  #handleNext(): void {
    try {
      const message = this.#waiting.shift() as Message;
      this.#options.observe?.(message);
      this.#options.handle(message);
    } catch (error) {
      this.#options.failed(error);
    }
  }
}
