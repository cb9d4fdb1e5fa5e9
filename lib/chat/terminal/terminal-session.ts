import type { ChatClient, Status } from '../../client/chat-client.js';
import { NoAnswer, Overdue } from '../../client/errors.js';
import { clientLimits } from '../../client/limits.js';
import type { RoomEvent } from '../../core/event.js';
import { rejectionDetails } from '../../core/rejection.js';
import { textFault } from '../../core/text.js';
import { type Line, noticeLine } from '../../display/line.js';
import { within } from '../../platform/deadline.js';
import { connectionNews } from '../connection-news.js';
import { leaveOrClose } from '../leave-or-close.js';
import { chatLimits } from '../limits.js';
import type { PlaceKeeper } from '../place/place-keeper.js';
import { type Command, helpText, parseCommand } from './command.js';
import { type Connection, connectionWords } from './connection-words.js';
import { Conversation } from './conversation.js';
import type { KeyAction } from './keys.js';
import { type Editor, edit, emptyEditor } from './line-editor.js';
import { nextChangeMs, unsent } from './next-change.js';
import { PublishQueue } from './publish-queue.js';
import type { Standing } from './status-row.js';

/** How a visit at the terminal ended. */
export type TerminalEnd = 'left' | 'ended' | 'cut-short';

/** What the screen shows below the conversation. */
export interface Screen {
  readonly editor: Editor;
  readonly standing: Standing;
  /** What was typed and is to be marked as not sent yet, oldest first. */
  readonly unsent: readonly string[];
}

/** What a session has besides its client. */
export interface SessionFacts {
  readonly server: string;
  /** Undefined where no log is kept. */
  readonly logFile: string | undefined;
  /** What its user should know in the beginning, in sentences. */
  readonly news: readonly string[];
  /** Where an earlier visit is gone on with: the events before, to be shown again. */
  readonly past: readonly RoomEvent[] | undefined;
  /** Keeps the place of the visit; undefined where none is kept. */
  readonly keeper: PlaceKeeper | undefined;
}

/**
 * One visit at a terminal without the terminal: takes keys, gives lines and the state of the screen. Events become
 * lines in the order in which they come [S7].
 */
export class TerminalSession {
  readonly #client: ChatClient;
  readonly #facts: SessionFacts;
  readonly #show: (line: Line) => void;
  readonly #changed: () => void;
  readonly #queue: PublishQueue;
  readonly #conversation = new Conversation();
  #editor = emptyEditor;
  #connection: Connection = { state: 'live' };
  #connected = true;
  /** The text that the client has and that has no answer yet, if there is one: whether it may have gone out. */
  #handedOver: { perhapsSent: boolean } | undefined;
  /** Why there was no connection when there was none. */
  #lostBecause = '';
  /** Draws again when nothing but the time has changed. */
  #clock: NodeJS.Timeout | undefined;
  /** The sequence of the earliest event on the screen. */
  #earliest: number | undefined;
  /** Resolves when every question asked so far has its answer. */
  #asked: Promise<void> = Promise.resolve();
  #resolve: (end: TerminalEnd) => void = () => {};
  /** Resolves once, when the program should end. */
  readonly end = new Promise<TerminalEnd>((resolve) => {
    this.#resolve = resolve;
  });

  /** `show` takes lines in order; `changed` is told when `screen` is another. */
  constructor(client: ChatClient, facts: SessionFacts, show: (line: Line) => void, changed: () => void) {
    this.#client = client;
    this.#facts = facts;
    this.#show = show;
    this.#changed = () => {
      this.#setClock();
      changed();
    };
    this.#queue = new PublishQueue({
      publish: (text) => this.#publish(text),
      refused: (text, error) => this.#notSent(text, error),
      answered: () => {
        this.#handedOver = undefined;
        this.#changed();
      },
      waitingMax: chatLimits.publishesWaitingMax,
    });
  }

  get screen(): Screen {
    const { room, participants, time } = this.#client;
    const connection = this.#connection;
    const nowMs = Date.now();
    return {
      editor: this.#editor,
      standing: { room, participants, time, connection, nowMs },
      unsent: unsent(this.#queue.unanswered, connection, nowMs),
    };
  }

  /** Begins to take events in. Call it once. */
  start(): void {
    const client = this.#client;
    this.#begin();
    let reason: string | undefined;
    const news = connectionNews((text) => this.#notice(text, 'alert'), 'What you type is sent when that is done.');
    const status = new Promise<void>((resolve) => {
      client.status$.subscribe({
        next: (status) => {
          if (status.state === 'ended') reason = status.reason;
          news(status);
          this.#facts.keeper?.stand(status, client.place);
          this.#stand(status);
        },
        complete: resolve,
      });
    });
    const events = new Promise<void>((resolve) => {
      client.events$.subscribe({ next: (event) => this.#event(event), complete: resolve });
    });
    void Promise.all([status, events])
      // What became of each message is told before the end.
      .then(() => this.#queue.settled())
      .then(() => {
        if (reason !== undefined) this.#notice(reason, 'alert');
        this.#finish(reason === undefined ? 'left' : 'ended');
      });
  }

  #begin(): void {
    const { name, room } = this.#client;
    const { news, past, keeper } = this.#facts;
    this.#notice(`You are ${name} in ${room}${past ? ' again' : ''}. /help lists the commands.`);
    for (const text of news) this.#notice(text, 'alert');
    if (past) {
      this.#earliest = past[0]?.sequence;
      for (const event of past) this.#show(this.#conversation.next(event));
      this.#notice('Here you stopped. What came since follows.');
    }
    if (keeper) keeper.onFailure = (text) => this.#notice(text, 'alert');
  }

  act(action: KeyAction): void {
    switch (action.kind) {
      case 'edit':
        this.#setEditor(edit(this.#editor, action.edit));
        break;
      case 'submit':
        this.#submit();
        break;
      case 'interrupt':
        this.leave();
        break;
      case 'end-of-input':
        if (this.#editor.text === '') this.leave();
        else this.#setEditor(edit(this.#editor, { kind: 'delete' }));
        break;
      case 'cursor-at':
        break;
    }
  }

  /**
   * Leaves once everything typed was answered, which may take `leaveMsMax`. Asked for again, it ends at once and tells
   * which messages were without an answer.
   */
  leave(): void {
    const { state } = this.#connection;
    if (state === 'leaving') {
      this.#tellUnanswered();
      this.#finish('cut-short');
    } else if (state !== 'left' && state !== 'ended') {
      const { waiting } = this.#queue;
      if (state !== 'live' && state !== 'catching-up') {
        const trying =
          waiting > 0
            ? `${messages(waiting)} not sent yet: one is waited for, up to ${clientLimits.leaveMsMax / 1000} s, then it is tried.`
            : 'It is tried.';
        this.#notice(`There is no connection to leave by. ${trying} Ctrl-C again ends at once.`);
      }
      this.#setConnection({ state: 'leaving' });
      void this.#leave();
    }
  }

  async #leave(): Promise<void> {
    await within(clientLimits.leaveMsMax, this.#queue.settled());
    await leaveOrClose(this.#client, (text) => this.#notice(text, 'alert'));
  }

  async #publish(text: string): Promise<void> {
    this.#handedOver = { perhapsSent: this.#connected };
    const answer = this.#client.publish(text);
    this.#facts.keeper?.noteNow(this.#client.place);
    this.#conversation.published(await answer);
  }

  #finish(end: TerminalEnd): void {
    clearTimeout(this.#clock);
    this.#resolve(end);
  }

  /** Takes in how the visit stands; who is leaving is leaving until it has ended. */
  #stand(status: Status): void {
    if (status.state === 'offline') this.#lostBecause = status.reason;
    this.#connected = status.state === 'live' || status.state === 'catching-up';
    // What the client has goes out as soon as it can.
    if (this.#connected && this.#handedOver) this.#handedOver.perhapsSent = true;
    // The sequences that follow are those of another event log.
    if (status.state === 'history-lost') {
      this.#earliest = undefined;
      this.#conversation.forget();
    }
    if (status.state === 'ended' || this.#connection.state !== 'leaving') this.#setConnection(status);
  }

  /** Nothing that was typed is lost without a word. */
  #tellUnanswered(): void {
    for (const [index, { text }] of this.#queue.unanswered.entries()) {
      const how = index === 0 && this.#handedOver?.perhapsSent ? 'Perhaps not sent' : 'Not sent';
      this.#notice(`${how}: ${text} (you ended before it had an answer)`, 'alert');
    }
  }

  #event(event: RoomEvent): void {
    this.#earliest ??= event.sequence;
    this.#show(this.#conversation.next(event));
    this.#facts.keeper?.note(this.#client.place);
    this.#changed();
  }

  #submit(): void {
    const command = parseCommand(this.#editor.text);
    const fault = command.kind === 'say' ? this.#fault(command.text) : undefined;
    if (fault) {
      // The text stays in the input line, to be put right.
      this.#notice(fault, 'alert');
      return;
    }
    if (command.kind !== 'nothing') this.#setEditor(edit(this.#editor, { kind: 'submit' }));
    this.#run(command);
  }

  #fault(text: string): string | undefined {
    if (this.#isLeaving) return 'Not sent: you are leaving.';
    const { textCodePointsMax } = this.#client;
    const fault = textFault(text, textCodePointsMax);
    if (fault === 'TEXT_TOO_LONG')
      return `Not sent: a message has at most ${textCodePointsMax} characters. Shorten it.`;
    if (fault) return `Not sent: ${rejectionDetails[fault]}`;
    if (this.#queue.waiting >= chatLimits.publishesWaitingMax) {
      return `Not sent: ${messages(this.#queue.waiting)} not sent yet. Press Enter again later.`;
    }
    return undefined;
  }

  #run(command: Command): void {
    switch (command.kind) {
      case 'nothing':
        break;
      case 'say':
        this.#queue.add(command.text);
        this.#changed();
        break;
      case 'help':
        for (const text of helpText) this.#notice(text);
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
        this.#ask('Earlier events are not known', () => this.#history(command.limit));
        break;
      case 'why':
      case 'fingerprint':
        for (const text of this.#conversation[command.kind](command.lamport)) this.#notice(text);
        break;
      case 'quit':
        this.leave();
        break;
      case 'mistake':
        this.#notice(command.explanation);
        break;
    }
  }

  #who(): void {
    const { participants, room } = this.#client;
    const shown = participants.slice(0, chatLimits.namesShownMax).join(', ');
    const more = participants.length - chatLimits.namesShownMax;
    this.#notice(`${participants.length} in ${room}: ${shown}${more > 0 ? ` and ${more} more` : ''}`);
  }

  #me(): void {
    const { name, room, time } = this.#client;
    const { server, logFile, keeper } = this.#facts;
    this.#notice(
      `You are ${name} in ${room} on ${server}. Your Lamport time is ${time}. ${logFile ? `Log: ${logFile}` : 'No log is kept.'}`,
    );
    if (keeper) this.#notice(`Your place is kept in ${keeper.path}`);
    const { waiting } = this.#queue;
    if (this.#connection.state !== 'live') this.#notice(`${this.#standing}.`);
    if (waiting > 0) this.#notice(`Of what you typed, ${messages(waiting)} not sent yet.`);
  }

  async #rooms(): Promise<void> {
    const rooms = await this.#client.rooms();
    this.#notice(`${rooms.length} ${rooms.length === 1 ? 'room' : 'rooms'}:`);
    for (const { name, participants, sequence, lamport } of rooms.slice(0, chatLimits.roomsShownMax)) {
      this.#notice(
        `${name}: ${participants} here, ${sequence} ${sequence === 1 ? 'event' : 'events'}, logical time ${lamport}`,
      );
    }
    const more = rooms.length - chatLimits.roomsShownMax;
    if (more > 0) this.#notice(`and ${more} more`);
  }

  async #history(limit: number): Promise<void> {
    const events = await this.#client.history(limit, this.#earliest);
    const [first] = events;
    if (!first) {
      this.#notice('There are no earlier events.');
      return;
    }
    this.#earliest = first.sequence;
    this.#notice(`${events.length} earlier ${events.length === 1 ? 'event' : 'events'}:`);
    for (const line of this.#conversation.earlier(events)) this.#show(line);
    this.#notice(
      first.sequence > 1 ? 'Now again. /history shows those before.' : 'Now again. There is nothing before.',
    );
  }

  /** One question after the other: where the next part of the past begins, the answer before says. */
  #ask(failure: string, ask: () => Promise<void>): void {
    this.#asked = this.#asked.then(ask).catch((error: unknown) => {
      this.#notice(`${failure}: ${error instanceof Error ? error.message : String(error)}`, 'alert');
    });
  }

  /** How the visit stands, in words, with the reason where there is no connection. */
  get #standing(): string {
    const [words = ''] = connectionWords(this.#connection, Date.now());
    const isOffline = this.#connection.state === 'offline' || this.#connection.state === 'connecting';
    const because = isOffline && this.#lostBecause ? `: ${this.#lostBecause.replace(/\.$/, '')}` : '';
    return words.charAt(0).toUpperCase() + words.slice(1) + because;
  }

  get #isLeaving(): boolean {
    return ['leaving', 'left', 'ended'].includes(this.#connection.state);
  }

  #notSent(text: string, error: unknown): void {
    const reason = reasonOf(error);
    if (error instanceof NoAnswer && error.sent) {
      this.#notice(`Perhaps not sent: ${text} (${reason})`, 'alert');
    } else if (this.#editor.text !== '' || this.#isLeaving) {
      this.#notice(`Not sent: ${text} (${reason})`, 'alert');
    } else {
      this.#notice(`Not sent: ${reason}`, 'alert');
      // A slash at the start was typed twice.
      this.#setEditor(edit(this.#editor, { kind: 'insert', text: text.startsWith('/') ? `/${text}` : text }));
    }
  }

  #notice(text: string, tone: 'notice' | 'alert' = 'notice'): void {
    this.#show(noticeLine(text, tone));
  }

  #setEditor(editor: Editor): void {
    this.#editor = editor;
    this.#changed();
  }

  #setConnection(connection: Connection): void {
    this.#connection = connection;
    this.#changed();
  }

  #setClock(): void {
    clearTimeout(this.#clock);
    const ms = nextChangeMs(this.#queue.unanswered, this.#connection, Date.now());
    this.#clock = ms === undefined ? undefined : setTimeout(() => this.#changed(), ms);
  }
}

/** Why a text became no event, in a sentence for people. */
function reasonOf(error: unknown): string {
  // In its own words it names how long it waited: at a terminal that may be as long as any timer can wait.
  if (error instanceof Overdue)
    return error.sent ? 'The server did not answer in time.' : 'It could not be sent in time.';
  return error instanceof Error ? error.message : String(error);
}

/** `1 message is`, `3 messages are`. */
function messages(count: number): string {
  return count === 1 ? '1 message is' : `${count} messages are`;
}
