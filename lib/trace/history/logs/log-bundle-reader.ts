import type { RoomEvent } from '../../../core/event.js';
import { EvidenceBuilder } from '../evidence.js';
import type { History } from '../history.js';
import { RoomLogs } from '../room-log.js';
import { sameEvent } from '../same-event.js';
import { ClientLog } from './client-log.js';
import type { LogBundle, ServerRecord } from './log-bundle.js';
import { type LastRecords, LogClients } from './log-clients.js';
import { type LogFileReader, logFileReader } from './log-file-reader.js';
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
export class LogBundleReader {
  readonly #clients = new Map<string, ClientLog>();
  readonly #kept = eventPool();
  #server: ServerRecord[] = [];
  #files: LogFileReader[] = [];

  /** The reader of one more log. `lastRecords`: where each of the processes that wrote it ends, if they wrote at the same time. */
  log(lastRecords?: LastRecords): LogReader {
    const clients = new LogClients((participant, file) => this.#client(file, participant), lastRecords);
    const files = new Set<LogFileReader>();
    const server = new Set<ServerRecord>();
    return {
      file: (name) => {
        const file = logFileReader(name, clients, (record) => {
          server.add(record);
          this.#server.push(record);
        });
        files.add(file);
        this.#files.push(file);
        return file;
      },
      end: () => clients.end(),
      forget: () => {
        for (const { client } of clients.all) this.#clients.delete(client);
        this.#files = this.#files.filter((file) => !files.has(file));
        this.#server = this.#server.filter((record) => !server.has(record));
      },
    };
  }

  /** What all the files say together, when they have been read to their ends. */
  bundle(): LogBundle {
    const clients = [...this.#clients.values()].map(({ client, beginsLate, steps }) => {
      return { client, keepsClock: true, beginsLate, steps };
    });
    const builder = new EvidenceBuilder(clients);
    const history: History = { clients, logs: witnessedLogs(builder.readers), outsiders: true };
    const logs = new RoomLogs(history.logs);
    this.#addEnds(builder, logs);
    return {
      evidence: builder.evidence(history, logs),
      server: this.#server,
      files: this.#files.map((file) => file.found()),
      source: (client, step) => this.#clients.get(client)?.source(step) ?? { file: '', line: 0 },
      writtenAt: (client, step) => this.#clients.get(client)?.writtenAt(step),
    };
  }

  #client(file: string, participant: string): ClientLog {
    const client = this.#unused(participant, file);
    const log = new ClientLog(client, participant, { kept: this.#kept });
    this.#clients.set(client, log);
    return log;
  }

  /** What a client is called in the history: as it calls itself, unless another one does. */
  #unused(participant: string, file: string): string {
    const names = [participant, `${participant} (${file})`];
    for (let count = 2; this.#clients.has(names.at(-1) ?? ''); count += 1)
      names.push(`${participant} (${file}, ${count})`);
    return names.find((name) => !this.#clients.has(name)) ?? participant;
  }

  /** Of a client that was killed its own log does not say how it ended; the others' may, and the server's. */
  #addEnds(builder: EvidenceBuilder, logs: RoomLogs): void {
    const sessions = [...builder.sessionsIn(logs).values()];
    const latest = new Map(
      sessions.map((session) => [JSON.stringify([session.client, session.welcome.room]), session]),
    );
    for (const { client, name, welcome, end, stay } of latest.values()) {
      if (end) continue;
      const { room, newest } = welcome;
      const left = (record: ServerRecord) =>
        record.kind === 'left' && record.room === room && record.participant === name && record.sequence > newest;
      const how = stay?.left ? 'gone' : this.#server.some(left) ? 'lost' : undefined;
      if (!how) continue;
      const step = { kind: 'end', room, how, toldByOthers: true } as const;
      this.#clients.get(client)?.addEnd(step);
      builder.add(client, step);
    }
  }
}

/**
 * Keeps one object for one event, however many logs have it, so what is held is bounded by what happened, not by who heard it: gives the
 * event as it was first read; one that differs from all of that chain, though it has it, is kept as it is.
 */
function eventPool(): (room: string, event: RoomEvent) => RoomEvent {
  const rooms = new Map<string, Map<string, RoomEvent>>();
  return (room, event) => {
    const byChain = rooms.get(room) ?? new Map<string, RoomEvent>();
    if (byChain.size === 0) rooms.set(room, byChain);
    const known = byChain.get(event.chain);
    if (!known) byChain.set(event.chain, event);
    return known && sameEvent(known, event) ? known : event;
  };
}
