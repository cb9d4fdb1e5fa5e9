import type { RoomEvent } from '../../../core/event.js';
import { EvidenceBuilder } from '../evidence.js';
import type { History } from '../history.js';
import { RoomLogs } from '../room-log.js';
import { sameEvent } from '../same-event.js';
import { ClientLog } from './client-log.js';
import { type LastRecords, LogClients } from './log-clients.js';
import { LogFile } from './log-file.js';
import type { ServerRecord, Source } from './source.js';
import { witnessedLogs } from './witness.js';

/** What the logs of one run say, together. */
export type LogBundle = ReturnType<LogBundleReader['bundle']>;

/**
 * Reads the logs of any number of clients and servers as one run. One log is one client, started as often as it was,
 * unless processes wrote into it at the same time. Holds each event once, however many received it, and of the records
 * only what they mean.
 */
export class LogBundleReader {
  readonly #clients = new Map<string, ClientLog>();
  readonly #kept = eventPool();
  #server: ServerRecord[] = [];
  #files: LogFile[] = [];

  /**
   * The reader of one more log, in one file or, where it was rotated, in several. `lastRecords`: where each of the
   * processes that wrote it ends, if they wrote at the same time.
   */
  log(lastRecords?: LastRecords) {
    const clients = new LogClients((participant, file) => this.#client(file, participant), lastRecords);
    const [files, server] = [new Set<LogFile>(), new Set<ServerRecord>()];
    return {
      /** Its next file, the oldest first. Its name is what is shown of it, and each file's own. */
      file: (name: string): LogFile => {
        const file = new LogFile(name, clients, (record) => {
          server.add(record);
          this.#server.push(record);
        });
        files.add(file);
        this.#files.push(file);
        return file;
      },
      /** No more files follow. */
      end: () => clients.end(),
      /** Nothing that was read of it counts, as if it had never been given. */
      forget: () => {
        for (const { client } of clients.all) this.#clients.delete(client);
        this.#files = this.#files.filter((file) => !files.has(file));
        this.#server = this.#server.filter((record) => !server.has(record));
      },
    };
  }

  /** What all the files say together, when they have been read to their ends. */
  bundle() {
    const clients = [...this.#clients.values()].map(({ client, beginsLate, steps }) => {
      return { client, keepsClock: true, beginsLate, steps };
    });
    const builder = new EvidenceBuilder(clients);
    const history: History = { clients, logs: witnessedLogs(builder.readers), outsiders: true };
    const logs = new RoomLogs(history.logs);
    this.#addEnds(builder, logs);
    return {
      /** Each client as its log has it, and the rooms' event logs as the clients bear witness to them; put together. */
      evidence: builder.evidence(history, logs),
      /** What the servers' logs say, in the order of their lines. They tell no texts and no chains of messages. */
      server: this.#server as readonly ServerRecord[],
      /** The files in the order in which they were read. */
      files: this.#files as readonly LogFile[],
      /** Where the log says what a client's step is made of; the step by its index in the client's `steps`. */
      source: (client: string, step: number): Source =>
        this.#clients.get(client)?.source(step) ?? { file: '', line: 0 },
      /** When the line was written, in milliseconds since 1970 by its writer's clock; undefined where not said. */
      writtenAt: (client: string, step: number) => this.#clients.get(client)?.writtenAt(step),
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
 * Keeps one object for one event, however many logs have it, so what is held is bounded by what happened, not by who
 * heard it: gives the event as it was first read. One that differs from all of that chain is kept as it is.
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
