/** Every limit of the client, in one place [P12]. Units come last in each name. */
export const clientLimits = {
  /** How long a server may take to answer a join, in milliseconds. */
  joinMsMax: 10_000,
  /** How long a server may take to answer a question, in milliseconds. */
  callMsMax: 10_000,
  /** How long a connection that was given up may take to end by itself, in milliseconds. It keeps no program from ending. */
  hangUpMsMax: 1_000,
  /** Names that are looked up at one time, in a process each; a connection to one more fails. */
  lookUpsMax: 16,
  /** Publishes of one visit that wait for their event; one more is refused with OVERLOADED. */
  publishesUnansweredMax: 1024,
  /** Events held for the first subscriber of `events$`; where it has not come by then, the visit pauses until it does. */
  eventsHeldMax: 1024,
  /** One response's size, in bytes. */
  responseBytesMax: 16 * 1024 * 1024,
  /** Quiet time after which the client asks its server whether it is alive, in milliseconds. */
  keepaliveMs: 10_000,
  /** How long the server may take to answer that, in milliseconds. */
  keepaliveTimeoutMs: 5_000,
  /** How long a visit that is being left waits for messages under way and its own Left, in milliseconds. */
  leaveMsMax: 5_000,
  /** How long a publish waits for its event, over lost connections too, unless `connect` was told otherwise, in milliseconds. */
  publishMsMax: 60_000,
  /** Longest pause before the first new try to connect, in milliseconds; it doubles from try to try … */
  backOffMsMin: 250,
  /** … up to this one. */
  backOffMsMax: 5_000,
  /** A connection that lasted so long was a good one: the next loss begins with the shortest pause again. In milliseconds. */
  settledMs: 10_000,
  /**
   * How long a visit whose session is over waits for its own name, which its earlier session may still have, in
   * milliseconds. Longer than a server's grace period.
   */
  nameTakenMsMax: 30_000,
  /** How long a client without a terminal tries to connect again unless told otherwise, in milliseconds. */
  plainOfflineMsMax: 60_000,

  /** A log file of chit-client, in bytes, before it is moved away, unless it is told otherwise. */
  logBytesMax: 64 * 1024 * 1024,

  /** How long a place reached may wait to be written to the file in which it is kept, in milliseconds. */
  placeMsMax: 250,
  /** A file in which a place is kept, in bytes; a longer one is none. */
  placeFileBytesMax: 16 * 1024,
  /** Events missed since a kept place that a terminal is shown; where there are more, it shows the newest ones as to a newcomer. */
  missedEventsMax: 5_000,
  /** How long a server may take to say how many those are, in milliseconds; a client that is not told shows them all. */
  missedMsMax: 2_000,
  /** How long whoever wants to end waits for the answer to a join that is under way, in milliseconds. */
  joinAnswerMsMax: 500,
  /** A join at a terminal that takes longer is told of, in milliseconds. */
  slowJoinMs: 2_000,

  /** Code points the input line holds; what is typed or pasted beyond is dropped. */
  inputCodePointsMax: 1_000,
  /** Inputs remembered for the up key, newest kept. */
  inputHistoryMax: 200,
  /** Messages typed but not yet answered; one more is refused on the spot. */
  publishesWaitingMax: 100,
  /** Messages shown as not sent yet, a row each; of more the number is told. */
  unsentRowsMax: 5,
  /** How long a message may be without an answer over a good connection before it is shown as not sent yet, in milliseconds. */
  unsentShownMs: 500,
  /** Shortest time between two writes of lines to the terminal, in milliseconds. */
  frameMs: 33,
  /** Lines that wait for the next write; with one more they are written at once. */
  linesWaitingMax: 5_000,
  /** Newest lines kept to draw again when the terminal's width changes. */
  linesKeptMax: 500,
  /** Newest events kept to answer `/why` and `/fingerprint`. */
  eventsExplainedMax: 2_000,
  /** Concurrent messages that one `/why` names; of more the number is told. */
  concurrentShownMax: 5,
  /** Columns of an event that `/why` names. */
  eventNamedColumnsMax: 50,
  /** Earlier events that `/history` shows when no number is given. */
  historyEventsDefault: 20,
  /** Most earlier events that one `/history` shows. */
  historyEventsMax: 1_000,
  /** Names in one answer of `/who`. */
  namesShownMax: 200,
  /** Rooms in one answer of `/rooms`. */
  roomsShownMax: 200,
  /** How long a terminal may take to say where its cursor is, in milliseconds. */
  probeMsMax: 200,

  /** One line of standard input, in bytes; a longer one is not sent. */
  inputLineBytesMax: 64 * 1024,
  /** How long one line of standard input is tried again while the server says "later", in milliseconds. */
  retryMsMax: 60_000,
  /** Pause before trying again where the server named none, in milliseconds. */
  retryPauseMs: 250,
} as const satisfies Record<string, number>;
