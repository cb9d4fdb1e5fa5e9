/** Every limit of the program chit-client [P12]; the library's are in lib/client/limits.ts. Names end with the unit. */
export const chatLimits = {
  /** How long a client without a terminal tries to connect again unless told otherwise, in milliseconds. */
  plainOfflineMsMax: 60_000,

  /** A log file of chit-client, in bytes, before it is moved away, unless it is told otherwise. */
  logBytesMax: 64 * 1024 * 1024,

  /** How long a session's position may wait to be written to the file in which the session is kept, in milliseconds. */
  savedSessionMsMax: 250,
  /** A file in which a session is kept, in bytes; a longer one is none. */
  savedSessionBytesMax: 16 * 1024,
  /** Events missed since a kept session that a terminal shows; where there are more, the newest, as to a newcomer. */
  missedEventsMax: 5_000,
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
  /** How long a message has no answer over a good connection before it is shown as not sent yet, in milliseconds. */
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
