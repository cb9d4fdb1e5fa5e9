import type { ChatClient, Status } from '../../client/chat-client.js';
import { clientLimits } from '../../client/limits.js';
import type { RoomEvent } from '../../core/event.js';
import { type Line, noticeLine } from '../../display/line.js';
import { within } from '../../platform/deadline.js';
import { connectionNews, isConnected, leaveOrClose } from '../connection-news.js';
import { type Command, CommandAnswers, parseCommand, type SessionFacts } from './command.js';
import { Conversation } from './conversation.js';
import type { KeyAction } from './keys.js';
import { type Editor, edit, emptyEditor } from './line-editor.js';
import { type ConnectionStatus, connectionWords, type Standing } from './status-row.js';
import { messages, TypedMessages } from './typed-messages.js';
import { nextChangeMs, unsent } from './unsent.js';

/** How a session at the terminal ended. */
export type TerminalEnd = 'left' | 'ended' | 'cut-short';

/** What the screen shows below the conversation. */
export interface Screen {
  readonly editor: Editor;
  readonly standing: Standing;
  /** What was typed and is to be marked as not sent yet, oldest first. */
  readonly unsent: readonly string[];
}

/**
 * One session at a terminal without the terminal: takes keys, gives lines and the state of the screen. Events become
 * lines in the order in which they come [S7].
 */
export class TerminalSession {
  readonly #client: ChatClient;
  readonly #facts: SessionFacts;
  readonly #show: (line: Line) => void;
  readonly #changed: () => void;
  readonly #typed: TypedMessages;
  readonly #answers: CommandAnswers;
  readonly #conversation = new Conversation();
  #editor = emptyEditor;
  #connection: ConnectionStatus = { state: 'live' };
  /** Why there was no connection when there was none. */
  #lostBecause = '';
  /** Draws again when nothing but the time has changed. */
  #clock: NodeJS.Timeout | undefined;
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
    const conversation = this.#conversation;
    const notice = (text: string, tone?: 'notice' | 'alert') => this.#notice(text, tone);
    this.#typed = new TypedMessages({
      client,
      handedOver: () => facts.keeper?.noteNow(client.place),
      published: (message) => conversation.published(message),
      answered: () => this.#changed(),
      giveBack: (text) => this.#giveBack(text),
      alert: (text) => notice(text, 'alert'),
    });
    const standing = () => (this.#connection.state === 'live' ? undefined : this.#standing);
    const waiting = () => this.#typed.waiting;
    this.#answers = new CommandAnswers({ client, facts, conversation, standing, waiting, show, notice });
  }

  get screen(): Screen {
    const { room, participants, time } = this.#client;
    const connection = this.#connection;
    const nowMs = Date.now();
    return {
      editor: this.#editor,
      standing: { room, participants, time, connection, nowMs },
      unsent: unsent(this.#typed.unanswered, connection, nowMs),
    };
  }

  /** Begins to take events in. Call it once. */
  start(): void {
    const client = this.#client;
    this.#begin();
    let reason: string | undefined;
    const news = connectionNews((text) => this.#notice(text, 'alert'), 'What you type is sent when that is done.');
    const told = client.status$.forEach((status) => {
      if (status.state === 'ended') reason = status.reason;
      news(status);
      this.#facts.keeper?.stand(status, client.place);
      this.#stand(status);
    });
    const shown = client.events$.forEach((event) => void this.#event(event));
    void Promise.all([told, shown])
      // What became of each message is told before the end.
      .then(() => this.#typed.settled())
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
      this.#answers.earliest = past[0]?.sequence;
      for (const event of past) this.#show(this.#conversation.next(event));
      this.#notice('Here you stopped. What came since follows.');
    }
    if (keeper) keeper.onFailure = (text) => this.#notice(text, 'alert');
  }

  act(action: KeyAction): void {
    const { kind } = action;
    if (kind === 'edit') this.#setEditor(edit(this.#editor, action.edit));
    else if (kind === 'submit') this.#submit();
    else if (kind === 'interrupt' || (kind === 'end-of-input' && this.#editor.text === '')) this.leave();
    else if (kind === 'end-of-input') this.#setEditor(edit(this.#editor, { kind: 'delete' }));
  }

  /**
   * Leaves once everything typed was answered, which may take `leaveMsMax`. Asked for again, it ends at once and tells
   * which messages were without an answer.
   */
  leave(): void {
    const { state } = this.#connection;
    if (state === 'leaving') {
      this.#typed.tellUnanswered();
      this.#finish('cut-short');
    } else if (state !== 'left' && state !== 'ended') {
      const { waiting } = this.#typed;
      if (!isConnected(this.#connection)) {
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
    await within(clientLimits.leaveMsMax, this.#typed.settled());
    await leaveOrClose(this.#client, (text) => this.#notice(text, 'alert'));
  }

  #finish(end: TerminalEnd): void {
    clearTimeout(this.#clock);
    this.#resolve(end);
  }

  /** Takes in how the session stands; who is leaving is leaving until it has ended. */
  #stand(status: Status): void {
    if (status.state === 'offline') this.#lostBecause = status.reason;
    this.#typed.connect(isConnected(status));
    // The sequences that follow are those of another event log.
    if (status.state === 'history-lost') {
      this.#answers.earliest = undefined;
      this.#conversation.forget();
    }
    if (status.state === 'ended' || this.#connection.state !== 'leaving') this.#setConnection(status);
  }

  #event(event: RoomEvent): void {
    this.#answers.earliest ??= event.sequence;
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
    return this.#isLeaving ? 'Not sent: you are leaving.' : this.#typed.faultOf(text);
  }

  #run(command: Command): void {
    if (command.kind === 'say') {
      this.#typed.add(command.text);
      this.#changed();
    } else if (command.kind === 'quit') this.leave();
    else if (command.kind === 'mistake') this.#notice(command.explanation);
    else if (command.kind !== 'nothing') this.#answers.answer(command);
  }

  /** How the session stands, in words, with the reason where there is no connection. */
  get #standing(): string {
    const [words = ''] = connectionWords(this.#connection, Date.now());
    const isOffline = this.#connection.state === 'offline' || this.#connection.state === 'connecting';
    const because = isOffline && this.#lostBecause ? `: ${this.#lostBecause.replace(/\.$/, '')}` : '';
    return words.charAt(0).toUpperCase() + words.slice(1) + because;
  }

  get #isLeaving(): boolean {
    return ['leaving', 'left', 'ended'].includes(this.#connection.state);
  }

  /** Into the input line, where nothing else is typed. */
  #giveBack(text: string): boolean {
    if (this.#editor.text !== '' || this.#isLeaving) return false;
    // A slash at the start was typed twice.
    this.#setEditor(edit(this.#editor, { kind: 'insert', text: text.startsWith('/') ? `/${text}` : text }));
    return true;
  }

  #notice(text: string, tone: 'notice' | 'alert' = 'notice'): void {
    this.#show(noticeLine(text, tone));
  }

  #setEditor(editor: Editor): void {
    this.#editor = editor;
    this.#changed();
  }

  #setConnection(connection: ConnectionStatus): void {
    this.#connection = connection;
    this.#changed();
  }

  #setClock(): void {
    clearTimeout(this.#clock);
    const ms = nextChangeMs(this.#typed.unanswered, this.#connection, Date.now());
    this.#clock = ms === undefined ? undefined : setTimeout(() => this.#changed(), ms);
  }
}
