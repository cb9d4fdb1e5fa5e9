import type { History } from '../history.js';
import { HistoryRecorder } from '../recorder.js';
import { RoomLogs } from '../room-log.js';
import { sessionsOf } from '../sessions.js';
import { ClientBook } from './client-book.js';
import { EventPool } from './event-pool.js';
import { type LastRecords, LogBooks } from './log-books.js';
import { LogFileReader } from './log-file-reader.js';
import type { Run, ServerRecord } from './run.js';
import { witnessedLogs } from './witness.js';

/** One log, in one file or, where it was rotated, in several. */
export interface LogReader {
  /** The reader of its next file, the oldest first. Its name is what is shown of it, and each file's own. */
  file(name: string): LogFileReader;
  /** No more files follow. */
  end(): void;
  /** Nothing that was read of it counts, as if it had never been given. */
  forget(): void;
}

/**
 * Reads the logs of any number of clients and servers as one run. One log is one client, started as often as it was, unless processes
 * wrote into it at the same time. Holds each event once, however many received it, and of the records only what they mean.
 */
export class RunReader {
  readonly #recorder = new HistoryRecorder({ outsiders: true });
  readonly #books = new Map<string, ClientBook>();
  #server: ServerRecord[] = [];
  #files: LogFileReader[] = [];
  readonly #events = new EventPool();

  /** The reader of one more log. `lastRecords`: where each of the processes that wrote it ends, if they wrote at the same time. */
  log(lastRecords?: LastRecords): LogReader {
    const books = new LogBooks((participant, file) => this.#book(file, participant), lastRecords);
    const files: LogFileReader[] = [];
    const server = new Set<ServerRecord>();
    return {
      file: (name) => {
        const file = new LogFileReader({
          name,
          books,
          server: (record) => {
            server.add(record);
            this.#server.push(record);
          },
        });
        files.push(file);
        this.#files.push(file);
        return file;
      },
      end: () => books.end(),
      forget: () => {
        for (const { client } of books.all) {
          this.#books.delete(client);
          this.#recorder.forget(client);
        }
        this.#files = this.#files.filter((file) => !files.includes(file));
        this.#server = this.#server.filter((record) => !server.has(record));
      },
    };
  }

  /** What all the files say together, when they have been read to their ends. */
  run(): Run {
    const logs = witnessedLogs(this.#recorder.history().clients);
    this.#tellEnds(logs);
    for (const log of logs) this.#recorder.log(log);
    const history = this.#withBeginnings(this.#recorder.history());
    const sourcesOf = (client: string) => this.#books.get(client)?.sources;
    return {
      history,
      server: this.#server,
      files: this.#files.map((file) => file.found()),
      source: (client, step) => this.#books.get(client)?.source(step) ?? { file: '', line: 0 },
      writtenAt: (client, step) => sourcesOf(client)?.timeMs(step),
    };
  }

  #book(file: string, participant: string): ClientBook {
    const client = this.#unused(participant, file);
    const kept: EventPool['one'] = (room, event) => this.#events.one(room, event);
    const book = new ClientBook({ client, participant }, this.#recorder.client(client), { kept });
    this.#books.set(client, book);
    return book;
  }

  /** What a client is called in the history: as it calls itself, unless another one does. */
  #unused(participant: string, file: string): string {
    const names = [participant, `${participant} (${file})`];
    for (let count = 2; this.#books.has(names.at(-1) ?? ''); count += 1)
      names.push(`${participant} (${file}, ${count})`);
    return names.find((name) => !this.#books.has(name)) ?? participant;
  }

  /** Every process of a client says first that it begins. */
  #withBeginnings(history: History): History {
    const clients = history.clients.map((one) => ({ ...one, beginsLate: this.#books.get(one.client)?.beginsLate }));
    return { ...history, clients };
  }

  /** Of a client that was killed its own log does not say how it ended; the others' may, and the server's. */
  #tellEnds(logs: History['logs']): void {
    const sessions = sessionsOf(this.#recorder.history().clients, new RoomLogs(logs));
    const latest = new Map(
      [...sessions.values()].map((session) => [JSON.stringify([session.client, session.welcome.room]), session]),
    );
    for (const { client, name, welcome, end, stay } of latest.values()) {
      if (end) continue;
      const { room, newest } = welcome;
      const leftLater = (record: ServerRecord) =>
        record.kind === 'left' && record.room === room && record.participant === name && record.sequence > newest;
      if (stay?.left) this.#books.get(client)?.endedIn(room, 'gone');
      else if (this.#server.some(leftLater)) this.#books.get(client)?.endedIn(room, 'lost');
    }
  }
}
