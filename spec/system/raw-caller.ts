import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import type {
  ChatResponse,
  Farewell,
  HistoryPage,
  JoinRequest,
  RoomSummary,
  RoomsPage,
  Welcome,
} from '../../lib/codec/messages.js';
import { encodeChatRequest, encodeListRoomsRequest, encodeReadHistoryRequest } from '../../lib/codec/requests.js';
import { decodeChatResponse, decodeHistoryPage, decodeRoomsPage } from '../../lib/codec/responses.js';
import { decodeStatusDetails, statusDetailsKey } from '../../lib/codec/status-details.js';
import type { RoomEvent } from '../../lib/core/event.js';
import type { Rejection } from '../../lib/core/rejection.js';
import {
  decodeLeaveResponse,
  decodeParticipants,
  decodePublishResponse,
  encodeLeaveRequest,
  encodeListParticipantsRequest,
  encodePublishRequest,
  encodeSubscribeRequest,
} from '../codec/other-side.js';
import type { Endings } from './endings.js';
import { eventually } from './eventually.js';

const asIs = (bytes: Buffer): Buffer => bytes;
const path = (method: string): string => `/chit.v1.ChatService/${method}`;

/** How long a unary call may take, in milliseconds: on a busy machine, behind reads of others, it may be long. The test's own limit comes first. */
const callMsMax = 60_000;

/** How a call ended, with the rejection that its status carries. */
export interface CallEnd {
  readonly code: number;
  readonly details: string;
  readonly rejection: Rejection | undefined;
}

function callEnd({ code, details, metadata }: Pick<StatusObject, 'code' | 'details' | 'metadata'>): CallEnd {
  const [carried] = metadata.get(statusDetailsKey);
  return { code, details, rejection: Buffer.isBuffer(carried) ? decodeStatusDetails(carried) : undefined };
}

/** The status of a unary call that was refused, as what `await` throws. */
export class CallFailed extends Error implements CallEnd {
  override name = 'CallFailed';
  readonly code: number;
  readonly details: string;
  readonly rejection: Rejection | undefined;

  constructor(error: ServiceError) {
    super(error.message);
    const { code, details, rejection } = callEnd(error);
    this.code = code;
    this.details = details;
    this.rejection = rejection;
  }
}

/**
 * A caller with one TCP connection of its own and nothing between it and the wire: it sends what it is told to, right or
 * wrong, keeps no clock, and resumes nothing.
 */
export class RawCaller {
  readonly #client: Client;

  constructor(endings: Endings, server: string) {
    this.#client = new Client(server, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
      'grpc.max_receive_message_length': -1,
    });
    endings.add(() => this.close());
  }

  close(): void {
    this.#client.close();
  }

  chat(): RawChat {
    return new RawChat(this.#client.makeBidiStreamRequest(path('Chat'), asIs, decodeChatResponse, new Metadata(), {}));
  }

  /** Joins by Subscribe. */
  subscribe(join: Partial<JoinRequest>, lamport = 1): RawVisit {
    return this.subscribeWith(encodeSubscribeRequest({ lamport, join: { ...emptyJoin, ...join } }));
  }

  subscribeWith(request: Buffer): RawVisit {
    return new RawVisit(
      this.#client.makeServerStreamRequest(path('Subscribe'), asIs, decodeChatResponse, request, new Metadata(), {}),
    );
  }

  /** A unary call; rejects with CallFailed. */
  call(method: string, request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + callMsMax };
      this.#client.makeUnaryRequest(path(method), asIs, asIs, request, new Metadata(), options, (error, response) => {
        if (error) reject(new CallFailed(error));
        else resolve(response ?? Buffer.alloc(0));
      });
    });
  }

  async publish(
    session: string,
    text: string,
    ordinal: number | bigint,
    lamport = 1,
  ): Promise<{ event: RoomEvent; duplicate: boolean }> {
    const request = encodePublishRequest({ session, lamport, text, ordinal, seen: 0 });
    return decodePublishResponse(await this.call('Publish', request));
  }

  async leave(session: string, lamport = 1): Promise<RoomEvent> {
    return decodeLeaveResponse(await this.call('Leave', encodeLeaveRequest({ session, lamport }))).event;
  }

  async roomsPage(limit = 0, after = ''): Promise<RoomsPage> {
    return decodeRoomsPage(await this.call('ListRooms', encodeListRoomsRequest({ limit, after })));
  }

  /** The first page of them. */
  async rooms(): Promise<RoomSummary[]> {
    return [...(await this.roomsPage()).rooms];
  }

  async participants(room: string): Promise<string[]> {
    return decodeParticipants(await this.call('ListParticipants', encodeListParticipantsRequest({ room })));
  }

  async historyPage(room: string, after: number, limit = 0): Promise<HistoryPage> {
    return decodeHistoryPage(await this.call('ReadHistory', encodeReadHistoryRequest({ room, after, limit })));
  }

  /** All events of a room, page by page. */
  async history(room = 'lobby'): Promise<RoomEvent[]> {
    const events: RoomEvent[] = [];
    for (;;) {
      const page = await this.historyPage(room, events.length);
      events.push(...page.events);
      if (page.events.length === 0 || events.length >= page.newest) return events;
    }
  }
}

const emptyJoin: JoinRequest = { room: '', name: '', history: 0, resumable: false };

/** What comes down a Chat or Subscribe stream, collected. */
export class RawVisit {
  readonly events: RoomEvent[] = [];
  readonly rejections: Rejection[] = [];
  welcome: Welcome | undefined;
  farewell: Farewell | undefined;
  end: CallEnd | undefined;
  /** Told of each event and of the end, for whoever cannot wait for the next look. */
  told: (() => void) | undefined;
  readonly #stream: ClientReadableStream<ChatResponse>;

  constructor(stream: ClientReadableStream<ChatResponse>) {
    this.#stream = stream;
    stream.on('data', ({ events, welcome, rejection, farewell }: ChatResponse) => {
      this.events.push(...events);
      if (welcome) this.welcome = welcome;
      if (rejection) this.rejections.push(rejection);
      if (farewell) this.farewell = farewell;
      this.told?.();
    });
    stream.on('status', (status: StatusObject) => {
      this.end = callEnd(status);
      this.told?.();
    });
    // The status says the same.
    stream.on('error', () => {});
  }

  /** Takes nothing more from the connection, so that flow control closes. */
  stopReading(): void {
    this.#stream.pause();
  }

  readOn(): void {
    this.#stream.resume();
  }

  cancel(): void {
    this.#stream.cancel();
  }

  joined(): Promise<Welcome> {
    return eventually('a welcome', () => {
      if (!this.welcome && this.end) throw new Error(`no welcome but ${JSON.stringify(this.end)}`);
      return this.welcome;
    });
  }

  async ended(): Promise<CallEnd> {
    return eventually('the end of the stream', () => this.end);
  }

  /** The rejection after the first `count` ones. */
  refused(count = 0): Promise<Rejection> {
    return eventually('a rejection', () => this.rejections[count]);
  }

  event(awaited: string, match: (event: RoomEvent) => boolean, ms?: number): Promise<RoomEvent> {
    return eventually(awaited, () => this.events.find(match), ms);
  }

  heard(text: string, ms?: number): Promise<RoomEvent> {
    return this.event(`"${text}"`, (event) => event.kind === 'message' && event.text === text, ms);
  }
}

/** A Chat stream. */
export class RawChat extends RawVisit {
  readonly #requests: ClientDuplexStream<Buffer, ChatResponse>;
  #ordinal = 0;

  constructor(stream: ClientDuplexStream<Buffer, ChatResponse>) {
    super(stream);
    this.#requests = stream;
  }

  /** Whether there is room for more; `drained` resolves when there is again. */
  sendBytes(bytes: Buffer): boolean {
    return this.#requests.write(bytes);
  }

  drained(): Promise<void> {
    return new Promise((resolve) => this.#requests.once('drain', resolve));
  }

  askToJoin(join: Partial<JoinRequest>, lamport = 1): void {
    this.sendBytes(encodeChatRequest({ lamport, action: { kind: 'join', ...emptyJoin, ...join } }));
  }

  join(name: string, room = '', lamport = 1): Promise<Welcome> {
    this.askToJoin({ name, room }, lamport);
    return this.joined();
  }

  /** With the next ordinal unless one is named, which then is the newest. */
  publish(text: string, { ordinal, lamport = 1 }: { ordinal?: number | bigint; lamport?: number } = {}): boolean {
    const used = ordinal ?? this.#ordinal + 1;
    if (typeof used === 'number') this.#ordinal = Math.max(this.#ordinal, used);
    return this.sendBytes(encodeChatRequest({ lamport, action: { kind: 'publish', text, ordinal: used, seen: 0 } }));
  }

  leave(lamport = 1): void {
    this.sendBytes(encodeChatRequest({ lamport, action: { kind: 'leave' } }));
  }

  halfClose(): void {
    this.#requests.end();
  }
}
