import type { SavedSession } from '../../../lib/client/chat-client.js';
import type { Effect, Input, Moment } from '../../../lib/client/session/protocol.js';
import { sessionProtocol } from '../../../lib/client/session/session.js';
import { type SessionOptions, SessionState } from '../../../lib/client/session/state.js';
import type { Welcome } from '../../../lib/codec/messages.js';
import { nextChain } from '../../../lib/core/chain.js';
import { plainWelcome } from '../scripted-server.js';

export const next = sessionProtocol(nextChain);

export const plainOptions: SessionOptions = {
  server: '127.0.0.1:4000',
  room: 'lobby',
  name: 'Ada',
  history: 0,
  reconnect: true,
  offlineMsMax: Number.POSITIVE_INFINITY,
  publishMsMax: 60_000,
};

/** Ada's session without a connection, told step by step what happens. */
export class ASession {
  readonly state: SessionState;
  /** All that it wanted done so far. */
  readonly effects: Effect[] = [];
  now: Moment = { ms: 1_000, wallMs: 1_700_000_000_000, random: 0.5 };

  /** `saved`: an earlier program's session, which it goes on with. */
  constructor(options: Partial<SessionOptions> = {}, saved?: SavedSession) {
    this.state = new SessionState({ ...plainOptions, ...options }, saved, saved && 'tag');
  }

  step(input: Input): readonly Effect[] {
    const effects = next(this.state, input);
    this.effects.push(...effects);
    return effects;
  }

  /** In the room, with its stream. */
  serve(welcome: Partial<Welcome> = {}): this {
    const { now } = this;
    this.step({ kind: 'begin', now });
    this.step({ kind: 'opened', connection: 1, now });
    return this.welcome(welcome);
  }

  welcome(welcome: Partial<Welcome> = {}): this {
    const { now } = this;
    const { connection } = this.state;
    this.step({ kind: 'welcomed', connection, welcome: { ...plainWelcome, ...welcome }, tag: 'tag', now });
    return this;
  }

  lose(details = 'cut'): readonly Effect[] {
    const { connection } = this.state;
    return this.step({
      kind: 'lost',
      connection,
      end: { how: 'lost', details, farewell: undefined },
      now: this.now,
    });
  }

  /** Offline, it tries again; the new connection is there. */
  retry(): this {
    this.step({ kind: 'tick', timer: 'retry', now: this.now });
    this.step({ kind: 'opened', connection: this.state.connection, now: this.now });
    return this;
  }
}

/** The kinds of effects, in order. */
export function kinds(effects: readonly Effect[]): string[] {
  return effects.map(({ kind }) => kind);
}
