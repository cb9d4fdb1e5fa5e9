/** The client library: join a room, hear everything in one order, say something (README: "A bot"). */
export { LamportClock } from '../core/clock.js';
export type { LeftReason, MessageEvent, RoomEvent, UnknownEvent } from '../core/event.js';
export type { Rejection, RejectionReason } from '../core/rejection.js';
export type { Journal } from '../platform/journal.js';
export type {
  ChatClient,
  ConnectOptions,
  Position,
  PublishedMessage,
  RoomSummary,
  SavedSession,
  SendTimes,
  Status,
  VisitPlace,
} from './chat-client.js';
export { bunyanJournal } from './client-journal.js';
export { connect, defaultServer } from './connect.js';
export {
  CannotConnect,
  HistoryDamaged,
  HistoryLost,
  NoAnswer,
  Overdue,
  ProxyFailed,
  Refused,
  VisitOver,
} from './errors.js';
