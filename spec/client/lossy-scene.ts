import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { first } from 'rxjs';
import type { ChatClient, ConnectOptions, Status } from '../../lib/client/chat-client.js';
import { connect } from '../../lib/client/connect.js';
import type { JoinRequest, PublishAction, Welcome } from '../../lib/codec/messages.js';
import { decodeReadHistoryRequest } from '../../lib/codec/requests.js';
import { encodeHistoryPage } from '../../lib/codec/responses.js';
import type { RoomEvent } from '../../lib/core/event.js';
import { type RejectionReason, rejection } from '../../lib/core/rejection.js';
import type { Fields } from '../../lib/platform/journal.js';
import { eventually } from '../system/eventually.js';
import { encodeNewerEvent } from './newer-event.js';
import { ScriptedRoom } from './scripted-room.js';
import { ScriptedServer, type ScriptedStream } from './scripted-server.js';
import { withLimits } from './with-limits.js';

/** What a scripted server does with one more stream. */
export type Part = (stream: ScriptedStream) => void;

const quick = { backOffMsMin: 2, backOffMsMax: 8, leaveMsMax: 500 };

/** Ada's session with a scripted server, whose connections are lost as a test says. `begin` before each. */
export class LossyScene {
  server = new ScriptedServer();
  /** As the server has it; Bob is there. */
  room = new ScriptedRoom();
  logId = 'log';
  /** What the server does with the streams to come, one after the other. */
  parts: Part[] = [];
  /** Ada's newest client, and what it was told. */
  client!: ChatClient;
  seen: RoomEvent[] = [];
  statuses: Status[] = [];
  records: (Fields & { readonly event: string })[] = [];
  #sessions = 0;
  readonly #clients: ChatClient[] = [];

  async begin(): Promise<void> {
    this.server = await ScriptedServer.start();
    this.room = new ScriptedRoom();
    this.room.join('Bob');
    this.logId = 'log';
    this.records = [];
    this.#sessions = 0;
    this.#serveHistory();
    this.server.onJoin = (stream) => this.parts.shift()?.(stream);
  }

  /** Runs `test` with pauses that are over soon, and ends its sessions, which would go on trying for ever. */
  readonly timely = (test: () => Promise<void>) => () =>
    withLimits(quick, async () => {
      try {
        await test();
      } finally {
        this.server.stop();
        await withLimits({ leaveMsMax: 1 }, async () => {
          await Promise.all(this.#clients.splice(0).map((one) => one.leave()));
        });
      }
    });

  readonly joinOf = (stream: ScriptedStream): JoinRequest => {
    const [request] = stream.requests;
    if (request?.action.kind !== 'join') throw new Error('no join');
    return request.action;
  };

  /** The server lets Ada in as a new participant, unless she is in the room. */
  readonly anew =
    (welcome: Partial<Welcome> = {}): Part =>
    (stream) => {
      const { position: place, byName } = this.room.state;
      if (byName.has('Ada')) {
        this.refused('NAME_TAKEN', status.ALREADY_EXISTS)(stream);
        return;
      }
      this.#sessions += 1;
      stream.welcome({
        session: `session ${this.#sessions}`,
        logId: this.logId,
        sequence: place.sequence,
        chain: place.chain,
        lamport: place.lamport,
        newest: place.sequence,
        participants: [...byName.keys()],
        ...welcome,
      });
      stream.events(this.room.join('Ada', stream.requests[0]?.lamport));
    };

  /** The server lets Ada go on, and sends what she has missed. */
  readonly resumed =
    (ordinal = 0): Part =>
    (stream) => {
      const { resume } = this.joinOf(stream);
      if (!resume) throw new Error('no resume');
      const { position: place, byName } = this.room.state;
      const participants = [...byName.keys()];
      stream.welcome({
        ...resume,
        resumed: true,
        ordinal,
        lamport: place.lamport,
        newest: place.sequence,
        participants,
      });
      const missed = this.room.events.slice(resume.sequence);
      if (missed.length > 0) stream.events(...missed);
    };

  readonly refused =
    (reason: RejectionReason, code = status.FAILED_PRECONDITION): Part =>
    (stream) => {
      stream.reject(rejection(reason));
      stream.fail(code);
    };

  /** Ada comes in for the first time; `next` are the parts after that. */
  readonly joining = async (next: Part[] = [], options: Partial<ConnectOptions> = {}): Promise<void> => {
    this.parts = [this.anew(), ...next];
    await this.connecting(options);
    await this.until('she is in', () => this.seen.length > 0);
  };

  readonly connecting = async (options: Partial<ConnectOptions> = {}): Promise<void> => {
    const note = (event: string, fields: Fields = {}) => void this.records.push({ ...fields, event });
    const journal = { debug: note, info: note, warn: note, error: note };
    this.client = await connect({ server: this.server.address, name: 'Ada', journal, ...options }, () => 0.5);
    this.#clients.push(this.client);
    const heard: RoomEvent[] = [];
    const told: Status[] = [];
    this.client.events$.subscribe((event) => heard.push(event));
    this.client.status$.subscribe((status) => told.push(status));
    this.seen = heard;
    this.statuses = told;
  };

  readonly until = (awaited: string, condition: () => boolean) =>
    eventually(
      () => `${awaited}; ${JSON.stringify({ statuses: this.statuses.slice(-9), seen: this.seen.length })}`,
      condition,
      4_000,
    );

  readonly states = () => this.statuses.map(({ state }) => state);
  readonly streamCount = (count: number) => this.until(`stream ${count}`, () => this.server.streams.length >= count);
  readonly allSeen = () => this.until('all events', () => this.seen.at(-1)?.chain === this.room.state.position.chain);
  readonly isLive = () =>
    this.until('live again', () => this.states().includes('offline') && this.statuses.at(-1)?.state === 'live');

  /** Does it at the moment of the loss, before anything else can happen. */
  readonly whenOffline = <T>(act: () => T): Promise<T> =>
    new Promise((resolve) => {
      this.client.status$.pipe(first(({ state }) => state === 'offline')).subscribe(() => resolve(act()));
    });

  /** Why the session ended, when it has; `left` where it was left. */
  readonly reason = async (): Promise<string> => {
    await this.until('the end', () => ['left', 'ended'].includes(this.statuses.at(-1)?.state ?? ''));
    const last = this.statuses.at(-1);
    return last?.state === 'ended' ? last.reason : (last?.state ?? '');
  };

  /** The streams by their numbers, from 1 on. */
  readonly stream = (number: number): ScriptedStream => this.server.streams[number - 1] as ScriptedStream;
  readonly cut = (number = this.server.streams.length) => this.stream(number).fail(status.UNAVAILABLE, 'cut');

  /** What was published over one stream, as `ordinal text`. */
  readonly published = (number: number): string[] =>
    this.stream(number)
      .requests.map(({ action }) => action)
      .filter((action): action is { kind: 'publish' } & PublishAction => action.kind === 'publish')
      .map(({ ordinal, text }) => `${ordinal} ${text}`);
  readonly publishes = (number: number, count: number) =>
    this.until(`${count} publishes`, () => this.published(number).length >= count);

  /** That all since Ada's first joining came, each event once, in order [P2] [P3]. */
  readonly expectWhole = (from = 1): void => {
    expect(this.seen).to.deep.equal(this.room.events.slice(from));
  };

  /** Pages of at most 3 events. */
  #serveHistory(): void {
    this.server.unary.ReadHistory = (bytes) => {
      const { after, limit } = decodeReadHistoryRequest(bytes);
      const events = this.room.events.slice(after, after + Math.min(limit || 3, 3));
      return encodeHistoryPage(Buffer.concat(events.map(encodeNewerEvent)), this.logId, this.room.events.length);
    };
  }
}
