import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from './child.js';
import { type Endings, temporaryDirectory } from './endings.js';

/** Of the loopback addresses, one that no name server listens on. */
const address = '127.53.53.53';

/** Bind the first two files over this machine's own, in a mount namespace of the program's own, and be that program. */
const inNamespace = 'mount --bind "$0" /etc/resolv.conf && mount --bind "$1" /etc/hosts && shift && exec "$@"';

/** Why programs cannot be given a name server of a test's own here; undefined where they can. */
export function withoutNameServer(): string | undefined {
  const { error, status, stderr } = spawnSync('unshare', [
    '--mount',
    'sh',
    '-c',
    'mount --bind /etc/hosts /etc/resolv.conf',
  ]);
  if (error) return error.message;
  if (status !== 0) return String(stderr).trim();
  return process.getuid?.() === 0 ? undefined : 'port 53 is for root only';
}

/** A name server that takes questions and answers none, and programs that ask it. */
export class SilentNameServer {
  /** Questions that have come. */
  asked = 0;
  readonly #endings: Endings;
  readonly #hosts: string;
  readonly #resolvers: string;

  private constructor(endings: Endings) {
    this.#endings = endings;
    const directory = temporaryDirectory(endings);
    this.#hosts = join(directory, 'hosts');
    this.#resolvers = join(directory, 'resolv.conf');
    // Longer than any test takes.
    writeFileSync(this.#resolvers, `nameserver ${address}\noptions timeout:30 attempts:5\n`);
    this.knows('');
  }

  static async start(endings: Endings): Promise<SilentNameServer> {
    const names = new SilentNameServer(endings);
    const socket = createSocket('udp4', () => {
      names.asked += 1;
    });
    socket.bind(53, address);
    await once(socket, 'listening');
    endings.add(() => {
      socket.close();
    });
    return names;
  }

  /** What the hosts file of the programs says from now on. */
  knows(hosts: string): void {
    writeFileSync(this.#hosts, `127.0.0.1 localhost\n${hosts}\n`);
  }

  /** Starts Node with the arguments. */
  program(args: readonly string[], env: NodeJS.ProcessEnv): Child {
    const line = ['--mount', 'sh', '-c', inNamespace, this.#resolvers, this.#hosts, process.execPath, ...args];
    // What is set up here counts, and not what whoever runs the tests has set.
    return new Child(this.#endings, 'unshare', line, { env: { ...env, RES_OPTIONS: 'timeout:30 attempts:5' } });
  }
}
