/**
 * What the server allows its clients, with the defaults, in one place [P12]. Units come last in each name. Rules of
 * validity (`textCodePointsMax` … `lamportLeadMax`) are part of the contract and the same on every server; the others
 * are an operator's to set. Limits that only shape how a part works inside stand there, by name.
 */
export const defaultLimits = {
  /** A message's text, in Unicode code points [S3]. */
  textCodePointsMax: 128,
  /** A participant's name, in Unicode code points. */
  nameCodePointsMax: 32,
  /** A room's name, in ASCII characters. */
  roomNameLengthMax: 64,
  /**
   * The largest Lamport time that a sender may have, and how much more for each second since 2026 began, on an empty
   * server too: no honest clock can be beyond that (`lamportBound`) …
   */
  lamportStartMax: 2 ** 20,
  lamportPerSecondMax: 1_000_000,
  /** … and how far beyond that, ahead of the newest that the server knows, for machines whose clock was set back. */
  lamportLeadMax: 64,
  /** Accepted ordinals remembered for each session, newest kept [P5]. */
  ordinalsRememberedMax: 1024,
  /** Accepted ordinals of ended sessions remembered in one room; the oldest sessions' are forgotten first [P5]. */
  endedOrdinalsRememberedMax: 4096,

  /** Participants in one room; one more is refused with ROOM_FULL. */
  participantsPerRoomMax: 2250,
  /** Rooms the server keeps, empty ones included; a join that would make one more is refused with OVERLOADED. */
  roomsMax: 1000,
  /** Commands waiting in one room's inlet; one more is refused with OVERLOADED. */
  inletDraftsMax: 4096,
  /** Commands decided and committed as one group. */
  groupDraftsMax: 1024,
  /** Durable groups that wait to be delivered together with the next one, in a room with many participants. */
  groupsHeldMax: 3,
  /** For each so many participants one group more is held: writing to them costs about as much as one more commit. */
  participantsPerHeldGroup: 50,
  /** Messages waiting in one actor's mailbox; one more ends the actor. */
  mailboxMessagesMax: 8192,
  /** Publishes per second of one session in the long run; beyond, RATE_LIMITED. 0 sets no rate. */
  publishesPerSecondMax: 200,
  /** Publishes one session may make at once before that rate applies. */
  publishBurstMax: 1000,
  /** How long joins and leaves may wait for others to be decided with them, in milliseconds; a message never waits. */
  companyMsMax: 25,
  /**
   * How long a room that could not write its event log refuses with READ_ONLY before it tries again, in milliseconds.
   */
  readOnlyMs: 1_000,
  /** When a caller refused with OVERLOADED may try again, in milliseconds. */
  overloadedRetryMs: 100,
  /** Times a room may fail and restart within a minute; once more ends it with all its streams. */
  roomRestartsPerMinuteMax: 5,
  /** Newest encoded events each room keeps in memory for participants that are a little behind, in bytes. */
  tailBytesMax: 1024 * 1024,
  /** Events read at once from the event log for participants far behind, but no more than fit in `writeBytesMax`. */
  catchUpEventsMax: 512,
  /**
   * One write of more than one event to a stream, in bytes; and the bytes that a stream may hold before it is handed
   * no more. So it holds at most twice that.
   */
  writeBytesMax: 64 * 1024,
  /** Events in one page of ReadHistory, and the most a join can ask to be sent of the past. */
  historyEventsMax: 1000,
  /** Events between two snapshots of a room's state; opening the room replays about this many at most. */
  snapshotEveryEvents: 4096,
  /** How much the store's file grows ahead of what is written to it, in bytes, unless the disk has less. */
  storeGrowthBytes: 1024 * 1024,
  /** The largest store file of which each start checks all pages, in bytes; after an end without farewell, any size. */
  storeCheckBytesMax: 64 * 1024 * 1024,
  /**
   * Bytes of events from which on the store takes over what was appended to its write-ahead segments; they grow by so
   * much too.
   */
  aheadTakeOverBytes: 1024 * 1024,
  /** How long the first of them waits for that at most, in milliseconds. */
  aheadTakeOverMs: 1000,
  /**
   * Memory that events may take which wait for the store, in bytes; an append beyond waits until it has taken over
   * some.
   */
  aheadWaitingBytesMax: 32 * 1024 * 1024,
  /** Events each room of a memory event log keeps, newest last. */
  memoryEventsPerRoomMax: 100_000,

  /** One page of ReadHistory or ListRooms, in bytes, where it is more than one event or room. */
  pageBytesMax: 256 * 1024,
  /** Replies to one connection's reads, being made or not taken yet, in bytes; beyond, no more is read for it. */
  replyBytesPerConnectionMax: 512 * 1024,
  /** The same of all connections from one address, in bytes: the server goes on reading for other addresses. */
  replyBytesPerAddressMax: 1.5 * 1024 * 1024,
  /** The same of all connections together, in bytes. Until they are taken replies cost up to three times that. */
  replyBytesMax: 2 * 1024 * 1024,
  /** Reads of one connection that wait for their turn; one more is refused with OVERLOADED. */
  readsWaitingPerConnectionMax: 16,
  /** Reads from one address that wait for their turn; one more is refused with OVERLOADED. */
  readsWaitingPerAddressMax: 3584,
  /** Reads that wait for their turn, of all connections together; one more is refused with OVERLOADED. */
  readsWaitingMax: 4096,
  /** Reads of one connection that are open as calls at once; its others wait as bare streams. */
  readsOpenPerConnectionMax: 2,
  /** Events, or rooms, read for callers in one turn of the event loop: between two turns all other work is done. */
  readEntriesPerTurnMax: 256,
  /** Connections whose first bytes are looked at in one turn of the event loop; the others wait for the next turns. */
  connectionsOpenedPerTurnMax: 16,
  /** Calls that begin in one turn of the event loop; those that come with them wait for the next turns. */
  callsBegunPerTurnMax: 32,
  /** HTTP/2 sessions made for clients' first calls in one turn of the event loop; the frames of the others wait. */
  sessionsBegunPerTurnMax: 6,
  /** Sessions whose client has begun calls and sent no request; one more client gets one when it does, or waits. */
  unaskedSessionsMax: 256,
  /** Frames held of a connection that waits for its session so, in bytes; beyond, it ends with ENHANCE_YOUR_CALM. */
  heldFramesBytesMax: 8 * 1024,
  /** How much a client must take of what waits for it, in bytes a second, over `stallMsMax`; else it is cut. */
  stallBytesPerSecondMin: 256,
  /** How long a call may be open before its one request has come, in milliseconds; Chat has `joinMsMax` for it. */
  requestMsMax: 10_000,
  /** Calls of one address that wait for their one request; for one more, the longest waiting gets REFUSED_STREAM. */
  unaskedCallsPerAddressMax: 2048,
  /** The same of all calls together. */
  unaskedCallsMax: 4096,
  /** Health watches and reflection streams open at once, together; one more is refused. */
  auxiliaryStreamsMax: 256,
  /** How long a health watch or a reflection stream may last, in milliseconds. */
  auxiliaryStreamMsMax: 600_000,

  /** Open connections (sockets) to the server. */
  connectionsMax: 4096,
  /** Open connections from one address. */
  connectionsPerAddressMax: 3072,
  /** How long a new connection may take to say that it speaks HTTP/2, in milliseconds. */
  handshakeMsMax: 10_000,
  /**
   * Answers to SETTINGS and PINGs that the client of a connection without a call has not taken; one more ends the
   * connection with ENHANCE_YOUR_CALM. As many as nghttp2 allows on a connection with a call.
   */
  controlAnswersMax: 1000,
  /** How long an ended connection, however ended, may stay open while its client takes no more, in milliseconds. */
  closeMsMax: 1_000,
  /** Streams open at once on one connection. */
  streamsPerConnectionMax: 16,
  /** One request's size, in bytes. */
  requestBytesMax: 16 * 1024,
  /** A request's headers together, in bytes. */
  metadataBytesMax: 8 * 1024,
  /** Quiet time after which the server asks a peer whether it is alive, in milliseconds. */
  keepaliveMs: 10_000,
  /** How long a peer may take to answer that, in milliseconds. */
  keepaliveTimeoutMs: 5_000,
  /**
   * Quiet time after which a joined stream is sent an empty response, in milliseconds; 0: never. For proxies that end
   * quiet streams: a proxy answers keepalive itself, so that does not count as traffic of the stream.
   */
  heartbeatMs: 0,
  /** How long a resumable session outlives its connection, in milliseconds. */
  graceMs: 10_000,
  /** How long a stream may be open without a join, in milliseconds. */
  joinMsMax: 30_000,
  /** Streams of one address that have not joined; for one more, the one open for longest is refused with NOT_JOINED. */
  unjoinedStreamsPerAddressMax: 2048,
  /** The same of all streams together. */
  unjoinedStreamsMax: 4096,
  /** How long a call may take less of what waits for it than `stallBytesPerSecondMin`, in milliseconds. */
  stallMsMax: 30_000,
  /**
   * Refusals waiting for a stream that does not read them; from here on its requests are not taken. Those taken before
   * may still be refused by their room: `inletDraftsMax` bounds them.
   */
  refusalsWaitingMax: 64,
  /** Refusals that wait, of all streams; over it no requests are taken from streams for which one waits. */
  refusalsWaitingInAllMax: 65_536,
  /** How long a stream being ended may take what it was sent slower than `stallBytesPerSecondMin`, in milliseconds. */
  lingerMsMax: 3_000,
  /** How often a server writes to its store that it lives, in milliseconds. */
  lifeSignMs: 5_000,
  /** Log records of one kind written in full at once, of all addresses and of one; repeated ones then are counted. */
  recordBurstMax: 8192,
  /** Log records of one kind that are written in full per second after that … */
  recordsPerSecondMax: 20,
  /** … and how many of these one address may cause. */
  recordsPerSecondPerAddressMax: 5,
  /** How long repeated log records are counted before one record tells how many there were, in milliseconds. */
  recordSummaryMs: 10_000,
  /** Addresses, and kinds of record, whose records are counted separately. */
  recordKeysMax: 4096,
  /** How long a stopping server waits for streams to end by themselves, in milliseconds. */
  stopMsMax: 2_000,
  /** How long it then waits until its actors have handled that their streams were cut, in milliseconds. */
  cutMsMax: 1_000,
  /** How long a stopping server then begins snapshots of its rooms, for a quick next start, in milliseconds. */
  closingSnapshotsMsMax: 500,

  // Totals over all rooms, where a limit for each would multiply to more than a machine has.

  /** Newest events that all rooms keep in memory (`tailBytesMax` each), in bytes; the longest unused drops first. */
  tailsBytesMax: 128 * 1024 * 1024,
  /** Pages of the event log that all rooms keep in memory, in bytes; the room longest unused drops its first. */
  pagesBytesMax: 32 * 1024 * 1024,
  /**
   * Accepted ordinals remembered of ended sessions, in all rooms together (`endedOrdinalsRememberedMax` each); the room
   * used longest ago forgets its own first.
   */
  endedOrdinalsInAllMax: 524_288,
  /**
   * Events that streams were sent and have not taken, of all streams together (twice `writeBytesMax` each), in bytes;
   * over it the stream that was sent some longest ago, and has not taken them, is cut.
   */
  untakenBytesMax: 768 * 1024 * 1024,
  /** Requests that wait in all rooms' inlets (`inletDraftsMax` each); one more is refused with OVERLOADED. */
  inletsDraftsMax: 16_384,
  /** Events that a memory event log keeps of all rooms, in bytes, about; the room quiet for longest forgets first. */
  memoryBytesMax: 1024 * 1024 * 1024,

  /**
   * Connections that the system lets wait to be accepted, at least `connectionsMax`: after a restart all clients come
   * at once, and clients that find no place wait for seconds. The system may grant fewer (`net.core.somaxconn`).
   */
  listenBacklogMax: 4096,

  // Shares of one address (an IPv4 address, of IPv6 the first 64 bits). A class behind one router, and 2,000 who come
  // back at once, have one address.

  /**
   * Of connections, sessions, rooms and a room's seats, what an address that holds most of those taken cannot have, in
   * percent. 0 keeps nothing for others.
   */
  reservedPercent: 10,
  /** Sessions in all rooms, including those that wait to be resumed; a join beyond is refused with OVERLOADED. */
  sessionsMax: 20_000,
  /** Sessions of one address; a join beyond is refused with OVERLOADED. */
  sessionsPerAddressMax: 5_000,
  /** Participants of one address in one room; a join beyond is refused with ROOM_FULL. */
  seatsPerAddressMax: 2_000,
  /** Existing rooms that one address has begun since the server started; a join beyond is refused with OVERLOADED. */
  roomsPerAddressMax: 500,
  /** Rooms that one address may begin in a minute, in the long run; beyond, OVERLOADED. 0 sets no rate. */
  roomsBegunPerMinuteMax: 60,
  /** Rooms that one address may begin at once before that rate applies. */
  roomsBegunBurstMax: 250,
  /** New connections a second of one address, in the long run; those beyond wait unread. 0: no rate. */
  connectionsPerSecondMax: 400,
  /** New connections of one address at once before that rate applies. */
  connectionBurstMax: 8_000,
  /** Joins a second of one address, in the long run; those beyond wait for their turn. 0 sets no rate. */
  joinsPerSecondMax: 100,
  /** Joins of one address at once before that rate applies. */
  joinBurstMax: 8_000,
  /** Resumes a second of one address, in the long run; those beyond wait for their turn. 0 sets no rate. */
  resumesPerSecondMax: 400,
  /** Resumes of one address at once before that rate applies. */
  resumeBurstMax: 8_000,
  /** Reads (histories, lists, health, reflection) a second of one address, in the long run; others wait. 0: no rate. */
  readsPerSecondMax: 2_000,
  /** Reads of one address at once before that rate applies. */
  readBurstMax: 20_000,
  /** Refused requests a second of one address, in the long run; beyond, refused streams go unread. 0: no rate. */
  refusalsPerSecondMax: 1_000,
  /** Refused requests of one address at once before that rate applies. */
  refusalBurstMax: 40_000,
  /**
   * Refused requests of one stream in a second, for whatever reason; beyond, nothing is read from it for the rest of
   * that second, or for as long as it makes sense to wait (`RefusalWindow`). 0: any number.
   */
  refusalsPerStreamPerSecondMax: 20,
  /** One connection has this part of its address's rates of joins, resumes, reads and refused requests. */
  connectionsPerRate: 10,
  /** The sessions of one connection publish together at most as much as so many sessions … */
  publishAllowancesPerConnection: 4,
  /** … and those of one address as so many. */
  publishAllowancesPerAddress: 50,
  /**
   * How long a room without participants and without any message is kept while others want to begin rooms and there are
   * `roomsMax`, in milliseconds. If it is begun again, it has another log id.
   */
  unspokenRoomMsMin: 10_000,
  /** The same while there are fewer than `roomsMax`, in milliseconds. */
  unspokenRoomMsMax: 600_000,
  /**
   * How long a request, or a new connection, waits for its turn, in milliseconds; a request that would wait longer is
   * refused with OVERLOADED, and such a connection is closed.
   */
  heldMsMax: 5_000,
  /** Addresses without a connection whose use of their rates is remembered. */
  addressesRememberedMax: 4096,
  /** How long a connection never used may be open, in milliseconds. A joined stream or a unary call uses it. */
  unusedConnectionMsMax: 60_000,
  /** How long a connection may be without a joined stream and without a unary call, in milliseconds. */
  idleConnectionMsMax: 300_000,
  /** When connections are scarce, the one idle for longest, if for so many milliseconds, gives way to a new one. */
  idleConnectionMsMin: 2_000,
} as const satisfies Record<string, number>;

export type Limits = { readonly [Name in keyof typeof defaultLimits]: number };

/** Limits that may be 0: no rate, no waiting, nothing kept. Without all others nothing would work. */
export const limitsThatMayBeZero: ReadonlySet<keyof Limits> = new Set([
  'publishesPerSecondMax',
  'companyMsMax',
  'groupsHeldMax',
  'readOnlyMs',
  'overloadedRetryMs',
  'roomRestartsPerMinuteMax',
  'tailBytesMax',
  'historyEventsMax',
  'graceMs',
  'heartbeatMs',
  'reservedPercent',
  'roomsBegunPerMinuteMax',
  'connectionsPerSecondMax',
  'joinsPerSecondMax',
  'resumesPerSecondMax',
  'readsPerSecondMax',
  'refusalsPerSecondMax',
  'refusalsPerStreamPerSecondMax',
  'addressesRememberedMax',
  'idleConnectionMsMin',
  'unspokenRoomMsMin',
  'lingerMsMax',
  'stopMsMax',
  'cutMsMax',
  'closingSnapshotsMsMax',
  'tailsBytesMax',
  'pagesBytesMax',
]);
