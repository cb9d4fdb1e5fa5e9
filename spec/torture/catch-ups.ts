import type { Member } from './member.js';

/** The longest way back that was seen. */
export interface CatchUp {
  readonly client: string;
  /** What it had been hit by. */
  readonly after: string;
  /** From the end of the outage until the client was live and had all that the room had at that end, in milliseconds. */
  readonly ms: number;
  /** How many events it was behind at that end. */
  readonly behind: number;
}

interface Watched {
  readonly member: Member;
  readonly after: string;
  readonly since: number;
  readonly goals: ReadonlyMap<string, number>;
  readonly behind: number;
}

/** Measures how long clients need to be back after an outage. One that is hit again meanwhile is measured from then on. */
export class CatchUps {
  worst: CatchUp | undefined;
  count = 0;
  readonly #newest: (room: string) => number;
  readonly #watched = new Map<Member, Watched>();

  /** `newest`: the newest event of a room that anybody has. */
  constructor(newest: (room: string) => number) {
    this.#newest = newest;
  }

  /** An outage begins for them. */
  hit(members: readonly Member[]): void {
    for (const member of members) this.#watched.delete(member);
  }

  /** It is over. */
  healed(members: readonly Member[], after: string): void {
    const since = performance.now();
    for (const member of members) {
      const goals = new Map(member.rooms.map((room) => [room, this.#newest(room)]));
      const behind = [...goals].reduce((sum, [room, goal]) => sum + Math.max(0, goal - member.sequence(room)), 0);
      this.#watched.set(member, { member, after, since, goals, behind });
    }
  }

  /** Looks who is back; to be called every few milliseconds. */
  look(): void {
    for (const { member, after, since, goals, behind } of this.#watched.values()) {
      if (!member.live || [...goals].some(([room, goal]) => member.sequence(room) < goal)) continue;
      this.#watched.delete(member);
      this.count += 1;
      const ms = Math.round(performance.now() - since);
      if (ms > (this.worst?.ms ?? -1)) this.worst = { client: member.name, after, ms, behind };
    }
  }
}
