/** A client in the torture, whichever program it is. */
export interface Member {
  readonly name: string;
  readonly rooms: readonly string[];
  /** Whether it is connected and let in, in all of its rooms. */
  readonly live: boolean;
  /** The newest event that it has in `room`. */
  sequence(room: string): number;
}
