import { setTimeout as pause } from 'node:timers/promises';
import { Samples } from '../bench/load/samples.js';
import type { Endings } from './endings.js';
import { RawCaller, type RawChat } from './raw-caller.js';

/** How long a message may take to come back before the bystander is said to be disturbed, in milliseconds. */
const patienceMs = 15_000;

/** How often the listener's and the speaker's streams are looked at for what they wait for, in milliseconds. */
const lookMs = 1;

/**
 * Two who chat while others misbehave: one says numbered messages, one after another, and both must hear each of them once
 * and in order. What goes wrong for them is kept as sentences.
 */
export class Bystander {
  /** From saying a message to having it back. */
  readonly samples = new Samples();
  readonly faults: string[] = [];
  said = 0;
  readonly #speaker: RawChat;
  readonly #listener: RawChat;
  readonly #name: string;

  private constructor(speaker: RawChat, listener: RawChat, name: string) {
    this.#speaker = speaker;
    this.#listener = listener;
    this.#name = name;
  }

  /** Both have joined `room`, in which nobody else may speak under their names. */
  static async join(endings: Endings, server: string, room = 'bystanders', name = 'Speaker'): Promise<Bystander> {
    const [speaker, listener] = [new RawCaller(endings, server).chat(), new RawCaller(endings, server).chat()];
    await speaker.join(name, room);
    await listener.join(`${name} hears`, room);
    return new Bystander(speaker, listener, name);
  }

  /** Says one message. Resolves when both have heard it; keeps a fault if they do not. */
  async say(): Promise<void> {
    this.said += 1;
    const text = `${this.#name} says ${this.said}`;
    const began = performance.now();
    this.#speaker.publish(text, { ordinal: this.said });
    if (await this.#hears(this.#speaker, text, began)) this.samples.add(performance.now() - began);
    await this.#hears(this.#listener, text, began);
  }

  /** Goes on saying something, with pauses of `pauseMs` in between, until `over` or a fault. */
  async chat(over: () => boolean, pauseMs = 20): Promise<void> {
    while (!over() && this.faults.length === 0) {
      await this.say();
      await pause(pauseMs);
    }
  }

  /** What went wrong so far, all that both have heard looked through. */
  findings(): string[] {
    const expected = Array.from({ length: this.said }, (_, index) => `${this.#name} says ${index + 1}`);
    const strays = [this.#speaker, this.#listener].flatMap(({ events, end, rejections }, index) => {
      const who = index === 0 ? 'the speaker' : 'the listener';
      const heard = events.flatMap((event) =>
        event.kind === 'message' && event.participant === this.#name ? [event.text] : [],
      );
      const wrong = expected.findIndex((text, at) => heard[at] !== text);
      return [
        ...(end ? [`${who}'s stream has ended with ${end.code}: ${end.details}`] : []),
        ...rejections.map(({ reason }) => `${who} was refused: ${reason}`),
        ...(wrong >= 0 ? [`${who} has heard ${heard[wrong] ?? 'nothing'} instead of ${expected[wrong]}`] : []),
        ...(heard.length > expected.length ? [`${who} has heard ${heard.length} messages of ${expected.length}`] : []),
        ...(events.some(({ kind }) => kind === 'left') ? [`${who} has seen somebody leave`] : []),
      ];
    });
    return [...this.faults, ...strays];
  }

  async #hears(chat: RawChat, text: string, began: number): Promise<boolean> {
    for (;;) {
      const last = chat.events.findLast((event) => event.kind === 'message');
      if (last?.kind === 'message' && last.text === text) return true;
      if (chat.end) return this.#fault(`a stream ended before ${text}, with ${chat.end.code}: ${chat.end.details}`);
      if (performance.now() - began > patienceMs) return this.#fault(`${text} was not heard in ${patienceMs} ms`);
      await this.#changed(chat);
    }
  }

  /** Resolves when something has come, or soon. */
  async #changed(chat: RawChat): Promise<void> {
    await Promise.race([
      new Promise<void>((resolve) => {
        chat.told = resolve;
      }),
      pause(lookMs * 50),
    ]);
    chat.told = undefined;
  }

  #fault(what: string): false {
    this.faults.push(what);
    return false;
  }
}
