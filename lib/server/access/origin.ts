import type { Limits } from '../../core/limits.js';
import type { Address } from './addresses.js';
import type { Connection } from './connections.js';
import { type Deed, Pace, publishRate } from './pace.js';

/** When it may be done: at once (0) or in so many milliseconds; or when to ask again, where too many wait already. */
export type Turn =
  | { readonly kind: 'in'; readonly dueInMs: number }
  | { readonly kind: 'over'; readonly retryAfterMs: number };

/** What a session may publish: by its own rate, its connection's and its address's. */
export class PublishAllowance {
  readonly #own: Pace;
  readonly #shared: readonly Pace[];

  constructor(own: Pace, shared: readonly Pace[]) {
    this.#own = own;
    this.#shared = shared;
  }

  /** The session's own part, which goes on with it from stream to stream. */
  get own(): Pace {
    return this.#own;
  }

  /** Takes one: 0 if there was one, else how long it is until there is, in milliseconds. */
  take(nowMs: number): number {
    let dueInMs = this.#own.dueInMs(nowMs);
    for (const pace of this.#shared) dueInMs = Math.max(dueInMs, pace.dueInMs(nowMs));
    if (dueInMs > 0) return Math.ceil(dueInMs);
    this.#own.take(nowMs);
    for (const pace of this.#shared) pace.take(nowMs);
    return 0;
  }
}

/** Where one stream or call comes from, and what it may still do there. */
export class Origin {
  readonly #connection: Connection;
  readonly #limits: Limits;
  readonly #whenReleased: (nowMs: number) => void;
  #allowance: PublishAllowance | undefined;
  #uses = false;
  #released = false;

  constructor(connection: Connection, limits: Limits, whenReleased: (nowMs: number) => void) {
    this.#connection = connection;
    this.#limits = limits;
    this.#whenReleased = whenReleased;
  }

  get principal(): string {
    return this.#address.principal;
  }

  get #address(): Address {
    return this.#connection.address;
  }

  /** Takes a turn to do something. One that is over has taken nothing. */
  turn(deed: Deed, nowMs: number): Turn {
    const paces = [this.#connection.paces.of(deed), this.#address.paces.of(deed)];
    const dueInMs = Math.ceil(Math.max(...paces.map((pace) => pace.dueInMs(nowMs))));
    if (dueInMs > this.#limits.heldMsMax) return { kind: 'over', retryAfterMs: dueInMs };
    for (const pace of paces) pace.take(nowMs);
    return { kind: 'in', dueInMs };
  }

  /** Takes one of what its address may begin: 0 if there was one, else how long until there is, in milliseconds. */
  takeRoom(nowMs: number): number {
    return this.#address.paces.of('room').takeDue(nowMs);
  }

  /** Something was refused: counts it. */
  refused(nowMs: number): void {
    for (const pace of this.#refusals) {
      // What is overdrawn stays what one can be kept waiting for.
      if (pace.dueInMs(nowMs) < this.#limits.heldMsMax) pace.take(nowMs);
    }
  }

  /** For how long nothing is to be read from it because of what was refused, in milliseconds; 0: it may go on. */
  restMs(nowMs: number): number {
    const [own, all] = this.#refusals;
    // A client that was refused nothing lately does not wait for others at its address.
    if (!own || own.isFull(nowMs)) return 0;
    return Math.ceil(Math.max(own.dueInMs(nowMs), all?.dueInMs(nowMs) ?? 0));
  }

  /**
   * What the session of this stream may publish. `before`: what it had with another stream. A new one goes on with what
   * a session before it has left here: joining anew gains nothing.
   */
  allowance(nowMs: number, before?: PublishAllowance): PublishAllowance {
    const own = before?.own ?? this.#address.left.take(nowMs) ?? new Pace(publishRate(this.#limits));
    const shared = [this.#connection.paces.of('publish'), this.#address.paces.of('publish')];
    this.#allowance = new PublishAllowance(own, shared);
    return this.#allowance;
  }

  /** A stream has joined, or a unary call is under way: its connection is used. */
  use(): void {
    if (this.#uses || this.#released) return;
    this.#uses = true;
    this.#connection.use();
  }

  /** The stream or call is over. Further calls do nothing. */
  release(nowMs: number): void {
    if (this.#released) return;
    this.#released = true;
    if (this.#uses) this.#connection.unuse(nowMs);
    // Its session may be waited for, and go on with the same; a session that comes meanwhile shares it.
    if (this.#allowance) this.#address.left.leave(this.#allowance.own, nowMs);
    this.#whenReleased(nowMs);
  }

  get #refusals(): readonly Pace[] {
    return [this.#connection.paces.of('refusal'), this.#address.paces.of('refusal')];
  }
}
