import type { ChatClient } from '../../client/chat-client.js';
import type { RoomEvent } from '../../core/event.js';
import { crossedSign, type Line } from '../../display/line.js';
import { counted } from '../../display/spans.js';
import { chatLimits } from '../limits.js';
import type { SessionKeeper } from '../saved-session/session-keeper.js';
import type { Conversation } from './conversation.js';
import { messages } from './typed-messages.js';

/** What a person asked for by one input. */
export type Command =
  /** To be sent to the room. */
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'help' | 'who' | 'rooms' | 'me' | 'quit' }
  | { readonly kind: 'history'; readonly limit: number }
  /** Of the event at a logical time, else of the newest. */
  | { readonly kind: 'why' | 'fingerprint'; readonly lamport: number | undefined }
  /** A sentence that says what was wrong and what to do. */
  | { readonly kind: 'mistake'; readonly explanation: string };

export const helpText: readonly string[] = [
  'What you type is sent to the room when you press Enter. A command begins with a slash:',
  '/help         this list',
  '/who          who is in the room',
  '/rooms        the rooms of this server',
  `/history [n]  n earlier events, oldest first (${chatLimits.historyEventsDefault} if you name no number); again: those before`,
  '/me           who you are here: name, room, server, own Lamport time, log file',
  '/why [n]      of the event with logical time n (the last message if you name none): why that time, what its author knew, and what is concurrent with it',
  '/fingerprint [n]  four words for all that happened up to time n (up to now if you name none): same words, same conversation',
  '/quit         leave and end; so do Ctrl-C, and Ctrl-D on an empty line',
  '//text        sends "/text"',
  `"[12]${crossedSign}bob: …" crossed in flight: bob had not yet seen the message above it. /why 12 tells more.`,
  '"… not sent yet" marks what you typed and the room does not have yet. It is sent as soon as it can be, in order, and once.',
  'Keys: arrows, Home/End or Ctrl-A/Ctrl-E, Alt-arrows by word, Ctrl-U, Ctrl-K, Ctrl-W delete; up and down: earlier inputs.',
  'Pasted line ends become spaces, so that a paste is one message that you can still change.',
];

/** Reads one input. A text that begins with two slashes is sent without the first. */
export function parseCommand(input: string): Command {
  if (input.trim() === '') return { kind: 'nothing' };
  if (input.startsWith('//')) return { kind: 'say', text: input.slice(1) };
  if (!input.startsWith('/')) return { kind: 'say', text: input };
  const [word = '', ...words] = input.slice(1).trim().split(/\s+/u);
  switch (word) {
    case 'history':
      return history(words);
    case 'why':
    case 'fingerprint':
      return aboutEvent(word, words);
    case 'help':
    case 'who':
    case 'rooms':
    case 'me':
    case 'quit':
      if (words.length === 0) return { kind: word };
      return mistake(`/${word} stands alone. To send this as a message, put another slash before it.`);
    default:
      return mistake(`There is no command /${word}. /help lists them; //${word} sends it as a message.`);
  }
}

function history(words: readonly string[]): Command {
  const [count = String(chatLimits.historyEventsDefault)] = words;
  const limit = /^\d{1,6}$/.test(count) ? Number(count) : 0;
  if (words.length > 1 || limit < 1 || limit > chatLimits.historyEventsMax) {
    return mistake(`/history takes one number from 1 to ${chatLimits.historyEventsMax}, such as /history 50.`);
  }
  return { kind: 'history', limit };
}

function aboutEvent(kind: 'why' | 'fingerprint', words: readonly string[]): Command {
  const [time] = words;
  // As the line shows it, or the number alone.
  const lamport = time === undefined ? undefined : Number(/^\[?(\d{1,15})\]?$/.exec(time)?.[1]);
  if (words.length > 1 || Number.isNaN(lamport)) {
    return mistake(`/${kind} takes the logical time of one event, as its line shows it, such as /${kind} 12.`);
  }
  return { kind, lamport };
}

function mistake(explanation: string): Command {
  return { kind: 'mistake', explanation };
}

/** What a session has besides its client. */
export interface SessionFacts {
  readonly server: string;
  /** Undefined where no log is kept. */
  readonly logFile: string | undefined;
  /** What its user should know in the beginning, in sentences. */
  readonly news: readonly string[];
  /** Where an earlier session is gone on with: the events before, to be shown again. */
  readonly past: readonly RoomEvent[] | undefined;
  /** Keeps the session; undefined where none is kept. */
  readonly keeper: SessionKeeper | undefined;
}

/** A command that asks for something: all but those that say something, or end the session. */
export type Question = Exclude<Command, { readonly kind: 'nothing' | 'say' | 'quit' | 'mistake' }>;

export interface CommandAnswersParts {
  readonly client: ChatClient;
  readonly facts: SessionFacts;
  readonly conversation: Conversation;
  /** How the session stands, in words; undefined where all is well. */
  readonly standing: () => string | undefined;
  /** How many typed messages have no answer. */
  readonly waiting: () => number;
  readonly show: (line: Line) => void;
  readonly notice: (text: string, tone?: 'notice' | 'alert') => void;
}

/** Answers the commands of a user at a terminal, in the order in which they were asked. */
export class CommandAnswers {
  /** The sequence of the earliest event on the screen. */
  earliest: number | undefined;
  readonly #parts: CommandAnswersParts;
  /** Resolves when every question to the server asked so far has its answer. */
  #asked: Promise<void> = Promise.resolve();

  constructor(parts: CommandAnswersParts) {
    this.#parts = parts;
  }

  answer(question: Question): void {
    const { conversation, notice } = this.#parts;
    switch (question.kind) {
      case 'help':
        for (const text of helpText) notice(text);
        break;
      case 'who':
        this.#who();
        break;
      case 'me':
        this.#me();
        break;
      case 'rooms':
        this.#ask('The rooms are not known', () => this.#rooms());
        break;
      case 'history':
        this.#ask('Earlier events are not known', () => this.#history(question.limit));
        break;
      case 'why':
      case 'fingerprint':
        for (const text of conversation[question.kind](question.lamport)) notice(text);
        break;
    }
  }

  #who(): void {
    const { participants, room } = this.#parts.client;
    const shown = participants.slice(0, chatLimits.namesShownMax).join(', ');
    const more = participants.length - chatLimits.namesShownMax;
    this.#parts.notice(`${participants.length} in ${room}: ${shown}${more > 0 ? ` and ${more} more` : ''}`);
  }

  #me(): void {
    const { client, facts, notice } = this.#parts;
    const { name, room, time } = client;
    const { server, logFile, keeper } = facts;
    notice(
      `You are ${name} in ${room} on ${server}. Your Lamport time is ${time}. ${logFile ? `Log: ${logFile}` : 'No log is kept.'}`,
    );
    if (keeper) notice(`Your place is kept in ${keeper.path}`);
    const standing = this.#parts.standing();
    if (standing) notice(`${standing}.`);
    const waiting = this.#parts.waiting();
    if (waiting > 0) notice(`Of what you typed, ${messages(waiting)} not sent yet.`);
  }

  async #rooms(): Promise<void> {
    const { client, notice } = this.#parts;
    const rooms = await client.rooms();
    notice(`${counted(rooms.length, 'room')}:`);
    for (const { name, participants, sequence, lamport } of rooms.slice(0, chatLimits.roomsShownMax)) {
      notice(`${name}: ${participants} here, ${counted(sequence, 'event')}, logical time ${lamport}`);
    }
    const more = rooms.length - chatLimits.roomsShownMax;
    if (more > 0) notice(`and ${more} more`);
  }

  async #history(limit: number): Promise<void> {
    const { client, conversation, show, notice } = this.#parts;
    const events = await client.history(limit, this.earliest);
    const [first] = events;
    if (!first) {
      notice('There are no earlier events.');
      return;
    }
    this.earliest = first.sequence;
    notice(`${counted(events.length, 'earlier event')}:`);
    for (const line of conversation.earlier(events)) show(line);
    notice(first.sequence > 1 ? 'Now again. /history shows those before.' : 'Now again. There is nothing before.');
  }

  /** One question after the other: where the next part of the past begins, the answer before says. */
  #ask(failure: string, ask: () => Promise<void>): void {
    this.#asked = this.#asked.then(ask).catch((error: unknown) => {
      this.#parts.notice(`${failure}: ${error instanceof Error ? error.message : String(error)}`, 'alert');
    });
  }
}
