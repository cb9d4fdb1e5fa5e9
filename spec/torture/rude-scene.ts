import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import type { JoinRequest } from '../../lib/codec/messages.js';
import { encodeChatRequest } from '../../lib/codec/requests.js';
import type { RejectionReason } from '../../lib/core/rejection.js';
import { encodePublishRequest } from '../codec/other-side.js';
import { Endings } from '../system/endings.js';
import { eventually } from '../system/eventually.js';
import { type CallEnd, CallFailed, RawCaller } from '../system/raw-caller.js';
import type { ClientRecorder } from '../trace/recorder.js';
import { RecordedVisit } from './recorded-visit.js';

/** How long a server may take to answer, in milliseconds. */
const answerMsMax = 12_000;

interface BadPublish<Fields> {
  readonly text: string;
  readonly ordinal?: number;
  /** An ordinal that is accepted before. */
  readonly after?: number;
  /** Instead of the request's own encoding. */
  readonly bytes?: (fields: Fields) => Buffer;
}

interface OnStream {
  readonly lamport: number;
  readonly action: { readonly kind: 'publish'; readonly text: string; readonly ordinal: number; readonly seen: number };
}

interface ByCall {
  readonly session: string;
  readonly lamport: number;
  readonly text: string;
  readonly ordinal: number;
  readonly seen: number;
}

/** There was nothing bad to send, since the room could not be entered. */
export class NotLetIn extends Error {
  override name = 'NotLetIn';
}

/** One connection on which something bad is sent; whatever could come of it in a room is written down. */
export class RudeScene {
  readonly #endings = new Endings();
  readonly #server: string;
  readonly #caller: RawCaller;
  readonly #visit: RecordedVisit;

  constructor(server: string, record: ClientRecorder, name: string, room: string) {
    this.#server = server;
    this.#caller = new RawCaller(this.#endings, server);
    this.#visit = new RecordedVisit(record, { name, room, resumable: false });
  }

  async end(): Promise<void> {
    await this.#visit.leave();
    this.#visit.abandon();
    await this.#endings.run();
  }

  /** A publish on a stream that goes on: a good one after it has to be heard. */
  async refusedOnStream({
    text,
    ordinal = 1,
    after,
    bytes = encodeChatRequest,
  }: BadPublish<OnStream>): Promise<string> {
    const chat = await this.#joined();
    if (after !== undefined) await this.#say(after);
    const { record, room } = this.#visit;
    const lamport = this.#visit.tick();
    const count = this.#visit.rejections.length;
    record.send({ room, ordinal, text, lamport, seen: 0 });
    chat.sendBytes(bytes({ lamport, action: { kind: 'publish', text, ordinal, seen: 0 } }));
    const answer = await this.#rejection(count).catch((error) => {
      record.unknown({ room, ordinal });
      throw error;
    });
    record.refused({ room, ordinal, reason: answer });
    await this.#say((after ?? 0) + 10);
    return answer;
  }

  /** A unary publish of a session that goes on. */
  async refusedByCall({ text, ordinal = 1, bytes = encodePublishRequest }: BadPublish<ByCall>): Promise<string> {
    await this.#joined();
    const { record, room, session } = this.#visit;
    const lamport = this.#visit.tick();
    record.send({ room, session, ordinal, text, lamport, seen: 0 });
    const end = await this.#failure('Publish', bytes({ session, lamport, text, ordinal, seen: 0 }));
    const reason = end.rejection?.reason;
    if (reason === undefined) record.unknown({ room, session, ordinal });
    else record.refused({ room, session, ordinal, reason });
    if (reason !== undefined) await this.#say(10);
    return nameOf(end);
  }

  async refusedJoin(join: Partial<JoinRequest>): Promise<string> {
    const chat = this.#caller.chat();
    chat.askToJoin(join);
    return nameOf(await eventually('the end of the stream', () => chat.end, answerMsMax));
  }

  /** Bytes that begin a stream, and end it. */
  async endedStream(bytes: Buffer): Promise<string> {
    const chat = this.#caller.chat();
    chat.sendBytes(bytes);
    return nameOf(await eventually('the end of the stream', () => chat.end, answerMsMax));
  }

  /** Bytes that end a visit's stream. */
  async endedVisit(bytes: Buffer): Promise<string> {
    const chat = await this.#joined();
    chat.sendBytes(bytes);
    return nameOf(await eventually('the end of the stream', () => chat.end, answerMsMax));
  }

  /** Bytes that are refused on a stream that has not joined. */
  async refusedRequest(bytes: Buffer): Promise<string> {
    const chat = this.#caller.chat();
    chat.sendBytes(bytes);
    const answer = await eventually('a rejection', () => chat.rejections[0]?.reason ?? ended(chat.end), answerMsMax);
    chat.cancel();
    return answer;
  }

  /** Bytes that are refused on a stream that goes on. */
  async refusedInVisit(bytes: Buffer): Promise<string> {
    const chat = await this.#joined();
    const count = this.#visit.rejections.length;
    chat.sendBytes(bytes);
    const answer = await this.#rejection(count);
    await this.#say(10);
    return answer;
  }

  async failedCall(method: string, bytes: Buffer): Promise<string> {
    return nameOf(await this.#failure(method, bytes));
  }

  /** Sends bytes over a connection of its own; resolves, when that is closed, with what came back. */
  async bare(bytes: Buffer | string): Promise<string> {
    const [host = '', port] = this.#server.split(':');
    const socket = connect(Number(port), host);
    this.#endings.add(() => socket.destroy());
    let heard = '';
    let failed = false;
    socket.on('data', (piece) => {
      heard += piece.toString('latin1');
    });
    // A reset is an end like another one; one before anything was sent is not.
    socket.on('error', () => {
      failed ||= socket.bytesWritten === 0;
    });
    socket.write(bytes);
    const closed = once(socket, 'close').then(() => true);
    await eventually('the end of the connection', () => Promise.race([closed, pause(20, false)]), answerMsMax);
    if (failed) throw new Error('not connected');
    return heard;
  }

  async #joined() {
    const isIn = await this.#visit.enter(this.#caller);
    const { chat } = this.#visit;
    if (!isIn || !chat) throw new NotLetIn();
    return chat;
  }

  /** Something that is allowed, which everybody hears. */
  async #say(ordinal: number): Promise<void> {
    const { record, room, name, chat, events } = this.#visit;
    const text = `${name} can be polite, too`;
    const lamport = this.#visit.tick();
    record.send({ room, ordinal, text, lamport, seen: 0 });
    chat?.publish(text, { ordinal, lamport });
    try {
      const event = await eventually(
        'the own message',
        () => {
          if (this.#visit.chat !== chat) throw new Error('the stream is over');
          return events.find((one) => one.kind === 'message' && one.participant === name && one.ordinal === ordinal);
        },
        answerMsMax,
      );
      record.accepted({ room, ordinal, event });
    } catch (error) {
      record.unknown({ room, ordinal });
      throw error;
    }
  }

  #rejection(count: number): Promise<RejectionReason> {
    const { chat } = this.#visit;
    return eventually(
      'a rejection',
      () => {
        if (this.#visit.chat !== chat && !this.#visit.rejections[count]) throw new Error('the stream is over');
        return this.#visit.rejections[count]?.reason;
      },
      answerMsMax,
    );
  }

  async #failure(method: string, bytes: Buffer): Promise<CallEnd> {
    try {
      await this.#caller.call(method, bytes);
    } catch (error) {
      if (error instanceof CallFailed) return error;
      throw error;
    }
    return { code: status.OK, details: '', rejection: undefined };
  }
}

function ended(end: CallEnd | undefined): string | undefined {
  return end && nameOf(end);
}

/** The rejection's reason where the status carries one, else the status's name. */
function nameOf({ code, rejection }: CallEnd): string {
  return rejection?.reason ?? status[code] ?? String(code);
}
