import type { ChatClient, PublishedMessage } from '../../client/chat-client.js';
import { NoAnswer, Overdue } from '../../client/errors.js';
import { rejectionDetails } from '../../core/rejection.js';
import { textFault } from '../../core/text.js';
import { chatLimits } from '../limits.js';

export interface TypedMessagesParts {
  readonly client: Pick<ChatClient, 'publish' | 'textCodePointsMax'>;
  /** Told when a text was handed to the client … */
  readonly handedOver: () => void;
  /** … when it became an event … */
  readonly published: (message: PublishedMessage) => void;
  /** … and when it has its answer, whichever. */
  readonly answered: () => void;
  /** Puts a text that was certainly not sent back to where it was typed; false where that is in use. */
  readonly giveBack: (text: string) => boolean;
  readonly alert: (text: string) => void;
}

/** A text without an answer. */
export interface Unanswered {
  readonly text: string;
  /** Since when, by the wall clock. */
  readonly sinceMs: number;
}

/**
 * What was typed to be said, from Enter until it has its answer: one text after the other is sent, so that they become
 * events in the order in which they were typed [P6], however fast that is, and nothing of it is lost without a word.
 */
export class TypedMessages {
  readonly #parts: TypedMessagesParts;
  readonly #unanswered = new Set<Unanswered>();
  #last: Promise<void> = Promise.resolve();
  /** The text that the client has and that has no answer yet, if there is one: whether it may have gone out. */
  #handedOver: { perhapsSent: boolean } | undefined;
  #connected = true;

  constructor(parts: TypedMessagesParts) {
    this.#parts = parts;
  }

  /** What has no answer yet, oldest first. Of these the first one may have been sent, the others were not. */
  get unanswered(): readonly Unanswered[] {
    return [...this.#unanswered];
  }

  get waiting(): number {
    return this.#unanswered.size;
  }

  /** Resolves when everything added so far was answered. */
  settled(): Promise<void> {
    return this.#last;
  }

  /** Why `text` cannot be said now, in a sentence for people; undefined where it can. */
  faultOf(text: string): string | undefined {
    const { textCodePointsMax } = this.#parts.client;
    const fault = textFault(text, textCodePointsMax);
    if (fault === 'TEXT_TOO_LONG')
      return `Not sent: a message has at most ${textCodePointsMax} characters. Shorten it.`;
    if (fault) return `Not sent: ${rejectionDetails[fault]}`;
    if (this.waiting < chatLimits.publishesWaitingMax) return undefined;
    return `Not sent: ${messages(this.waiting)} not sent yet. Press Enter again later.`;
  }

  /** False, and nothing is sent, when as many as allowed are waiting. */
  add(text: string): boolean {
    if (this.waiting >= chatLimits.publishesWaitingMax) return false;
    const one = { text, sinceMs: Date.now() };
    this.#unanswered.add(one);
    this.#last = this.#last.then(() => this.#send(one));
    return true;
  }

  /** Whether there is a connection: what the client has goes out as soon as there is one. */
  connect(connected: boolean): void {
    this.#connected = connected;
    if (connected && this.#handedOver) this.#handedOver.perhapsSent = true;
  }

  /** Says of each text without an answer that there will be none. */
  tellUnanswered(): void {
    for (const [index, { text }] of this.unanswered.entries()) {
      const how = index === 0 && this.#handedOver?.perhapsSent ? 'Perhaps not sent' : 'Not sent';
      this.#parts.alert(`${how}: ${text} (you ended before it had an answer)`);
    }
  }

  async #send(one: Unanswered): Promise<void> {
    const { client, handedOver, published, answered } = this.#parts;
    let failure: { readonly error: unknown } | undefined;
    try {
      this.#handedOver = { perhapsSent: this.#connected };
      const answer = client.publish(one.text);
      handedOver();
      published(await answer);
    } catch (error) {
      failure = { error };
    }
    this.#unanswered.delete(one);
    if (failure) this.#tellNotSent(one.text, failure.error);
    this.#handedOver = undefined;
    answered();
  }

  #tellNotSent(text: string, error: unknown): void {
    const { alert, giveBack } = this.#parts;
    const reason = reasonOf(error);
    if (error instanceof NoAnswer && error.sent) alert(`Perhaps not sent: ${text} (${reason})`);
    else if (giveBack(text)) alert(`Not sent: ${reason}`);
    else alert(`Not sent: ${text} (${reason})`);
  }
}

/** `1 message is`, `3 messages are`. */
export function messages(count: number): string {
  return count === 1 ? '1 message is' : `${count} messages are`;
}

/** Why a text became no event, in a sentence for people. */
function reasonOf(error: unknown): string {
  // In its own words it names how long it waited: at a terminal that may be as long as any timer can wait.
  if (error instanceof Overdue)
    return error.sent ? 'The server did not answer in time.' : 'It could not be sent in time.';
  return error instanceof Error ? error.message : String(error);
}
