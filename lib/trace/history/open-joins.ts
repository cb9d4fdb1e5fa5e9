import type { Evidence } from './evidence.js';

/** Requests to join that nobody refused and that began no session their clients know of: the server may have let them in. */
export class OpenJoins {
  readonly #open = new Map<string, number>();

  constructor({ history, sessions }: Pick<Evidence, 'history' | 'sessions'>) {
    for (const { steps } of history.clients) {
      const names = new Map<string, string>();
      for (const step of steps) {
        if (step.kind === 'join' && !step.resume) {
          names.set(step.room, step.name);
          this.#add(step.room, step.name, 1);
        } else if (step.kind === 'join') names.delete(step.room);
        else if (step.kind === 'join-refused') this.#add(step.room, names.get(step.room), -1);
      }
    }
    for (const { name, welcome } of sessions.values()) if (!welcome.resumed) this.#add(welcome.room, name, -1);
  }

  /** Whether there is one by this name in this room; it counts once. */
  take(room: string, name: string): boolean {
    if ((this.#open.get(`${room} ${name}`) ?? 0) <= 0) return false;
    this.#add(room, name, -1);
    return true;
  }

  #add(room: string, name: string | undefined, by: number): void {
    if (name === undefined) return;
    const key = `${room} ${name}`;
    this.#open.set(key, (this.#open.get(key) ?? 0) + by);
  }
}
