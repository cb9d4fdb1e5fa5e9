/** Every limit of the client library, in one place [P12]. Units come last in each name. */
export const clientLimits = {
  /** How long a server may take to answer a join, in milliseconds. */
  joinMsMax: 10_000,
  /** How long a server may take to answer a question, in milliseconds. */
  callMsMax: 10_000,
  /** How long a connection that was given up may take to end, in milliseconds. It keeps no program from ending. */
  hangUpMsMax: 1_000,
  /** Names that are looked up at one time, in a process each; a connection to one more fails. */
  lookUpsMax: 16,
  /** Publishes of one session that wait for their event; one more is refused with OVERLOADED. */
  publishesUnansweredMax: 1024,
  /** Events held for the first subscriber of `events$`; where it has not come by then, the session pauses for it. */
  eventsHeldMax: 1024,
  /** One response's size, in bytes. */
  responseBytesMax: 16 * 1024 * 1024,
  /** Quiet time after which the client asks its server whether it is alive, in milliseconds. */
  keepaliveMs: 10_000,
  /** How long the server may take to answer that, in milliseconds. */
  keepaliveTimeoutMs: 5_000,
  /** How long a session that is being left waits for messages under way and its own Left, in milliseconds. */
  leaveMsMax: 5_000,
  /** How long a publish waits for its event, over lost connections too, unless `connect` is told, in milliseconds. */
  publishMsMax: 60_000,
  /** Longest pause before the first new try to connect, in milliseconds; it doubles from try to try … */
  backOffMsMin: 250,
  /** … up to this one. */
  backOffMsMax: 5_000,
  /** A connection that lasted so long was good: the next loss begins with the shortest pause. In milliseconds. */
  settledMs: 10_000,
  /**
   * How long a client whose session is over waits for its own name, which that session may still have, in
   * milliseconds. Longer than a server's grace period.
   */
  nameTakenMsMax: 30_000,
  /** How long a server may take to say how many events were missed since a saved session, in milliseconds. */
  missedMsMax: 2_000,
} as const satisfies Record<string, number>;
