import type { History } from '../history.js';
import { HistoryRecorder } from '../recorder.js';
import { RoomLogs } from '../room-log.js';
import { sessionsOf } from '../sessions.js';
import { ClientBook } from './client-book.js';
import { EventPool } from './event-pool.js';
import { LogFileReader } from './log-file-reader.js';
import type { Run, ServerRecord } from './run.js';
import { witnessedLogs } from './witness.js';

/**
 * Reads the log files of any number of clients and servers as one run. One file is one client, started as often as it was. Holds
 * each event once, however many received it, and of the records only what they mean.
 */
export class RunReader {
  readonly #recorder = new HistoryRecorder({ outsiders: true });
  readonly #books = new Map<string, ClientBook>();
  readonly #server: ServerRecord[] = [];
  readonly #files: LogFileReader[] = [];
  readonly #events = new EventPool();

  /** The reader of one more file. Its name is what is shown of it, and each file's own. */
  file(name: string): LogFileReader {
    const reader = new LogFileReader({
      name,
      book: (participant) => this.#book(name, participant),
      server: (record) => this.#server.push(record),
    });
    this.#files.push(reader);
    return reader;
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
      source: (client, step) => ({
        file: this.#books.get(client)?.file ?? '',
        line: sourcesOf(client)?.line(step) ?? 0,
      }),
      writtenAt: (client, step) => sourcesOf(client)?.timeMs(step),
    };
  }

  #book(file: string, participant: string): ClientBook {
    const client = this.#books.has(participant) ? `${participant} (${file})` : participant;
    const kept: EventPool['one'] = (room, event) => this.#events.one(room, event);
    const book = new ClientBook({ client, participant, file }, this.#recorder.client(client), { kept });
    this.#books.set(client, book);
    return book;
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
