import type { TorturedServer } from './tortured-server.js';

/** What an attacker needs to know. */
export interface AttackerParts {
  readonly server: TorturedServer;
  /** The address that its connections come from, where the machine has another than the honest clients'. */
  readonly from: string | undefined;
  /** A planned time, which ends early where the run does. */
  readonly rest: (ms: number) => Promise<void>;
}

/** One time that an attack goes on. */
export interface Assault {
  /** Connections, or loops of them. */
  readonly count: number;
  readonly lastsMs: number;
  /** From which all is drawn that it does. */
  readonly seed: number;
}

/** Somebody who is out to stop the server. What it did it counts by words for people. */
export interface Attacker {
  readonly counts: Readonly<Record<string, number>>;
  /** Resolves when it is over and nothing of it is left. */
  attack(assault: Assault): Promise<void>;
}
