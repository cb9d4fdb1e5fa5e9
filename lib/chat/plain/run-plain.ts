import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { ChatClient } from '../../client/chat-client.js';
import { isRetryable, NoAnswer, Refused } from '../../client/errors.js';
import type { RoomEvent } from '../../core/event.js';
import { displaySafe } from '../../display/display-safe.js';
import { eventText } from '../../display/line.js';
import { aborted } from '../../platform/deadline.js';
import { connectionNews, leaveOrClose } from '../connection-news.js';
import { chatLimits } from '../limits.js';
import type { SessionKeeper } from '../saved-session/session-keeper.js';
import { parseCommand } from '../terminal/command.js';
import { connectionJson, eventJson } from './json-lines.js';
import { inputLines } from './lines.js';

export interface PlainOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly errors: Writable;
  /** Whether a person types the input: a line that is a command of the screen's is then never a message. */
  readonly typed: boolean;
  /** Events as JSON objects instead of sentences. */
  readonly json: boolean;
  /** Keeps the session as of the events that were handed to the output; undefined where none is kept. */
  readonly keeper: SessionKeeper | undefined;
  /** Its abort is a wish to leave now, whatever was not sent yet. */
  readonly stop: AbortSignal;
}

/** How the session ended; `refused`: it left, but some lines were not published; `unwritten`: the output failed. */
type PlainEnd = 'left' | 'refused' | 'unwritten' | 'ended';

/**
 * A session for programs and pipes: each line of the input is a message, sent when the one before it is an event; each
 * event is a line of the output, once, whatever connections come and go [S7] [P3]; these are told of in the errors. At
 * the input's end the participant leaves. Resolves when every event received was written. A kept session is removed
 * only where the participant left and all of it was taken by the output.
 */
export async function runPlain(client: ChatClient, options: PlainOptions): Promise<PlainEnd> {
  const { output, errors, typed, json, keeper, stop } = options;
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  stop.addEventListener('abort', leave);
  if (stop.aborted) leave();
  const tell = (text: string) => errors.write(`chit-client: ${displaySafe(text)}\n`);
  // A reader that went away ends the session: there is nobody left to tell, or to wait for.
  let unread = false;
  let unwritten = false;
  output.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    unread = true;
    if (code !== 'EPIPE' && !unwritten) {
      unwritten = true;
      tell(`Standard output cannot be written (${message}), so this client leaves.`);
    }
    client.resume();
    leave();
  });

  if (keeper) keeper.onFailure = tell;
  // Where the output's reader is slow, the server is told to wait, and nothing piles up here.
  const write = (line: string, written?: (error?: Error | null) => void) => {
    if (unread || output.destroyed) return;
    if (!output.write(line, written)) client.pause();
  };
  const print = (event: RoomEvent) => {
    const saved = keeper && client.place;
    // What the output has not taken when this process is killed is printed by the next one.
    const taken = (error?: Error | null) => {
      if (saved && !error) keeper?.note(saved);
    };
    write(`${json ? eventJson(event, client) : eventText(event)}\n`, taken);
  };
  output.on('drain', () => client.resume());

  let endedBecause: string | undefined;
  const over = new AbortController();
  const connection = connectionNews(tell);
  const printConnection = json ? connectionJson(client, (line) => write(`${line}\n`)) : () => {};
  const ended = client.status$.forEach((status) => {
    if (status.state === 'ended') endedBecause = status.reason;
    if (status.state === 'ended' || status.state === 'left') over.abort();
    keeper?.stand(status, client.place);
    connection(status);
    printConnection(status);
  });
  const printed = client.events$.forEach(print);

  let refused = 0;
  const refuse = (text: string) => {
    // Who wants to leave does not ask what became of the rest.
    if (leaving.signal.aborted) return;
    refused += 1;
    tell(text);
  };
  const read = typed ? commandsApart(leave, tell) : asItIs;
  const sent = sendLines(client, options.input, read, refuse, AbortSignal.any([leaving.signal, over.signal]));
  // A message that is still without an answer does not keep anybody who wants to leave.
  await Promise.race([sent, aborted(leaving.signal)]);
  // Also where the session is over: then there is nothing to wait for.
  await leaveOrClose(client, tell);
  await Promise.all([ended, printed]);
  if (!unread) await flushed(output);
  await keeper?.close(endedBecause === undefined && !unread);
  stop.removeEventListener('abort', leave);
  if (endedBecause !== undefined) {
    tell(endedBecause);
    return 'ended';
  }
  if (unwritten) return 'unwritten';
  return refused > 0 ? 'refused' : 'left';
}

/** What is to be sent of a line; undefined where it is none to send. */
type LineReader = (text: string) => string | undefined;

const asItIs: LineReader = (text) => text;

/** For lines that a person types where there is no screen: `/quit` leaves, and other commands are told to need one. */
function commandsApart(leave: () => void, tell: (text: string) => void): LineReader {
  return (text) => {
    const command = parseCommand(text);
    switch (command.kind) {
      case 'say':
        return command.text;
      case 'nothing':
        return undefined;
      case 'quit':
        leave();
        return undefined;
      case 'mistake':
        tell(command.explanation);
        return undefined;
      default:
        tell(
          `/${command.kind} needs a terminal that can be drawn on. Here lines are sent as messages, and /quit leaves.`,
        );
        return undefined;
    }
  };
}

/** Sends line after line until the input ends or the signal is aborted. `refuse` is told of each that was not sent. */
async function sendLines(
  client: ChatClient,
  input: Readable,
  read: LineReader,
  refuse: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const stopReading = () => input.destroy();
  signal.addEventListener('abort', stopReading);
  if (signal.aborted) stopReading();
  try {
    for await (const line of inputLines(input, chatLimits.inputLineBytesMax)) {
      const text = 'fault' in line ? '' : read(line.text);
      if (signal.aborted) break;
      if (text === undefined) continue;
      const fault = 'fault' in line ? line.fault : await send(client, text, signal);
      if (fault !== undefined) refuse(`Line ${line.number} was not sent. ${fault}`);
      if (signal.aborted) break;
    }
  } catch (error) {
    // Destroying the input is how reading was stopped.
    if (!signal.aborted) refuse(`Standard input cannot be read: ${(error as Error).message}`);
  } finally {
    signal.removeEventListener('abort', stopReading);
    input.destroy();
  }
}

/** Why the line did not become an event, or undefined. */
async function send(client: ChatClient, text: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    await publishPatiently(client, text, chatLimits, signal);
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    if (error instanceof NoAnswer && error.sent) return `Or perhaps it was: no answer came. ${error.message}`;
    if (signal.aborted) return 'The visit ended before it could be.';
    return (error as Error).message;
  }
}

function flushed(output: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (output.destroyed || output.writableEnded) resolve();
    else output.write('', () => resolve());
  });
}

interface Patience {
  /** How long one text is tried again, in milliseconds. */
  readonly retryMsMax: number;
  /** The pause where the server names none, in milliseconds. */
  readonly retryPauseMs: number;
}

/**
 * Publishes `text`, and again after the time that the server names as long as it only says "later". Rejects with
 * `Refused` when the server says no or patience ends, with `VisitOver` when the session is over, with the signal's
 * reason when that is aborted during a pause.
 */
export async function publishPatiently(
  client: { publish(text: string): Promise<unknown> },
  text: string,
  patience: Patience,
  signal: AbortSignal,
): Promise<void> {
  let waitedMs = 0;
  for (;;) {
    try {
      await client.publish(text);
      return;
    } catch (error) {
      if (!(error instanceof Refused) || !isRetryable(error.rejection.reason)) throw error;
      const pauseMs = error.rejection.retryAfterMs || patience.retryPauseMs;
      waitedMs += pauseMs;
      if (waitedMs > patience.retryMsMax) throw error;
      await pause(pauseMs, undefined, { signal });
    }
  }
}
