import type { Limits } from '../../lib/core/limits.js';
import { Child } from './child.js';
import { type Endings, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { type JournalRecord, journalRecords } from './journal-records.js';
import { projectFile } from './project.js';

export interface ServerStart {
  /** More options; a later one wins over the same one here. */
  readonly args?: readonly string[];
  /** The directory of its log; a new one unless an earlier life's is to be gone on with. */
  readonly data?: string;
  /** The largest file that it may write, in KiB, until the limit is lifted. */
  readonly fileKibMax?: number;
  /** Another program than this checkout's bin/chit-server. */
  readonly program?: readonly [command: string, ...args: string[]];
  readonly cwd?: string;
}

/** A chit-server on a free port, which it has said it listens on. */
export class ServerProcess {
  readonly child: Child;
  /** `host:port` */
  readonly address: string;
  readonly data: string;

  private constructor(child: Child, address: string, data: string) {
    this.child = child;
    this.address = address;
    this.data = data;
  }

  static async start(endings: Endings, start: ServerStart = {}): Promise<ServerProcess> {
    const data = start.data ?? temporaryDirectory(endings);
    const program = start.program ?? [process.execPath, projectFile('bin/chit-server')];
    const line = [...program, '--listen', '127.0.0.1:0', '--data', data, '--log-level', 'info', ...(start.args ?? [])];
    const [command = '', ...args] =
      start.fileKibMax === undefined
        ? line
        : ['bash', '-c', `ulimit -S -f ${start.fileKibMax}; exec "$@"`, 'bash', ...line];
    const child = new Child(endings, command, args, start.cwd === undefined ? {} : { cwd: start.cwd });
    const address = await eventually(
      () => `the server's start; it says: ${child.errorLines.join('\n')}`,
      () => {
        const found = child.lines.map((text) => / listening on (\S+)$/.exec(text)?.[1]).find(Boolean);
        if (!found && !child.alive) throw new Error(`the server ended: ${child.errorLines.join('\n')}`);
        return found;
      },
      20_000,
    );
    return new ServerProcess(child, address, data);
  }

  /** A server with other limits than the command line can set; its log is in memory unless it is to be `durable`. */
  static withLimits(
    endings: Endings,
    limits: Partial<Limits>,
    kept?: 'durable',
    start: Pick<ServerStart, 'data' | 'args'> = {},
  ): Promise<ServerProcess> {
    const file = projectFile('spec/system/server-with-limits.ts');
    const program = [process.execPath, '--import', 'tsx', file, JSON.stringify(limits), kept ?? 'memory'] as const;
    return ServerProcess.start(endings, { program, ...start });
  }

  records(): JournalRecord[] {
    return journalRecords(this.child.errorLines);
  }

  /** Asks it to stop. Resolves with its exit code. */
  stop(): Promise<number | NodeJS.Signals> {
    this.child.signal('SIGTERM');
    return this.child.ended;
  }

  async kill(): Promise<void> {
    this.child.signal('SIGKILL');
    await this.child.ended;
  }
}
