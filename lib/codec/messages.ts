import type { RoomEvent } from '../core/event.js';
import type { Rejection } from '../core/rejection.js';

export interface JoinRequest {
  readonly room: string;
  readonly name: string;
  readonly history: number;
  readonly resumable: boolean;
  /** Set to go on with a session. */
  readonly resume?: ResumePlace | undefined;
}

export interface ResumePlace {
  readonly session: string;
  readonly logId: string;
  readonly sequence: number;
  /** 16 hex digits. */
  readonly chain: string;
}

export interface PublishAction {
  readonly text: string;
  /** As sent: a bigint where it is beyond 2^53 − 1, so that a refusal can name it exactly. */
  readonly ordinal: number | bigint;
  readonly seen: number;
}

/** What a request of the Chat stream asks for; `unknown` when it is nothing this contract has. */
export type Action =
  | ({ readonly kind: 'join' } & JoinRequest)
  | ({ readonly kind: 'publish' } & PublishAction)
  | { readonly kind: 'leave' }
  | { readonly kind: 'unknown' };

/** A request of the Chat stream. Numbers beyond 2^53 − 1 are Infinity. */
export interface ChatRequest {
  readonly lamport: number;
  readonly action: Action;
}

export interface PublishRequest extends PublishAction {
  readonly session: string;
  readonly lamport: number;
}

export interface LeaveRequest {
  readonly session: string;
  readonly lamport: number;
}

export interface ReadHistoryRequest {
  readonly room: string;
  readonly after: number;
  /** 0: as many as the server gives. */
  readonly limit: number;
  /** The chain at `after`, where it is to be compared. */
  readonly chain?: string | undefined;
}

export interface ListRoomsRequest {
  /** 0: as many as the server gives. */
  readonly limit: number;
  /** Rooms whose names come after this one; empty: from the first. */
  readonly after: string;
}

/** A join was accepted: the contract's Welcome. */
export interface Welcome {
  readonly session: string;
  readonly room: string;
  readonly logId: string;
  /** The place just before the first event that is sent, with `chain`. */
  readonly sequence: number;
  readonly lamport: number;
  /** 16 hex digits. */
  readonly chain: string;
  readonly participants: readonly string[];
  readonly resumed: boolean;
  readonly textLengthMax: number;
  readonly ordinal: number;
  readonly newest: number;
}

export type FarewellReason = 'UNSPECIFIED' | 'SERVER_STOPPING' | 'REMOVED' | 'TAKEN_OVER';

export interface Farewell {
  readonly reason: FarewellReason;
  readonly resume: boolean;
}

/** What comes down a Chat or Subscribe stream. */
export interface ChatResponse {
  readonly events: readonly RoomEvent[];
  readonly welcome?: Welcome | undefined;
  readonly rejection?: Rejection | undefined;
  readonly farewell?: Farewell | undefined;
}

export interface HistoryPage {
  readonly events: readonly RoomEvent[];
  readonly logId: string;
  readonly newest: number;
}

/** A room as ListRooms lists it. */
export interface RoomSummary {
  readonly name: string;
  readonly participants: number;
  readonly sequence: number;
  readonly lamport: number;
}

/** One page of the list of rooms. */
export interface RoomsPage {
  readonly rooms: readonly RoomSummary[];
  /** Whether there are rooms after the last one of these. */
  readonly more: boolean;
}
