import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Ending = () => unknown;

/** What a test has begun and must not outlive it: processes, connections, directories. */
export class Endings {
  #endings: Ending[] = [];

  add(ending: Ending): void {
    this.#endings.push(ending);
  }

  /** Ends everything, the newest first, each whether or not others fail; then throws the first failure. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const ending of this.#endings.splice(0).reverse()) {
      try {
        await ending();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Ended after each test of the suite, also after one that failed. */
export function endedAfterEach(): Endings {
  const endings = new Endings();
  afterEach(() => endings.run());
  return endings;
}

/** Ended after the suite, for what all of its tests look at. */
export function endedAfterAll(): Endings {
  const endings = new Endings();
  after(() => endings.run());
  return endings;
}

/** An empty directory under the system's temporary one, removed in the end. */
export function temporaryDirectory(endings: Endings): string {
  const directory = mkdtempSync(join(tmpdir(), 'chit-'));
  endings.add(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
