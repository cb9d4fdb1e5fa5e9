import { crossedSign } from '../../display/line.js';
import { chatLimits } from '../limits.js';

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
