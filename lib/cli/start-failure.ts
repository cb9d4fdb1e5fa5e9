import { getSystemErrorMap } from 'node:util';
import { formatHostPort } from '../platform/host-port.js';
import { NewerStore, StoreDamaged, StoreInUse } from '../server/server.js';
import type { ServerCommandOptions } from './server-options.js';

/** One line that says what kept the server from starting, why, and what to do about it. */
export function startFailure(error: unknown, { listen, data, memory }: ServerCommandOptions): string {
  // The other is known by its name: a command line knows a server, not what keeps its store.
  if (error instanceof StoreDamaged || error instanceof NewerStore) return inOneLine(error.message);
  if (error instanceof StoreInUse || (error instanceof Error && error.name === 'NotLmdbFile')) {
    return `${inOneLine(error.message)} The option for it is --data DIR; --memory needs no directory.`;
  }
  if (error instanceof Error && error.name === 'LogUnwritable') {
    return (
      `What a killed server left in ${data} cannot be written to its store: ${reason(error.cause)}. ` +
      'Nothing of it is lost: start the server again when it can be written, such as when the disk has space (--data DIR).'
    );
  }
  const { code, syscall = '', address: at } = systemError(error) as NodeJS.ErrnoException & { address?: string };
  if (['listen', 'bind', 'getaddrinfo'].includes(syscall)) {
    // A name stands for several: which one it was.
    const address = formatHostPort({ ...listen, host: at ?? listen.host });
    switch (code) {
      case 'EADDRINUSE':
        return `Something listens on ${address} already. Stop it, or choose another port with --listen HOST:PORT (port 0: a free one).`;
      case 'EADDRNOTAVAIL':
        return `${address} is not an address of this machine. Choose one that is with --listen HOST:PORT (0.0.0.0: all of them).`;
      case 'EACCES':
        return `You may not listen on ${address}. Choose a port above 1023 with --listen HOST:PORT.`;
      default:
        return `Cannot listen on ${address}: ${reason(error)}. Choose another address with --listen HOST:PORT.`;
    }
  }
  if (memory) return `The server could not start: ${reason(error)}.`;
  const damage = /\bMDB_(CORRUPTED|PAGE_NOTFOUND|INVALID|BAD_TXN|PANIC|VERSION_MISMATCH|INCOMPATIBLE)\b/.exec(
    reason(error),
  );
  if (damage) {
    return (
      `The store ${data} cannot be read (${damage[0]}): it is damaged, or a copy that was made while a server wrote to it. ` +
      'Put a copy in its place that was made while no server had it, or name another folder with --data DIR.'
    );
  }
  return `The store cannot be kept in ${data}: ${reason(error)}. Name a folder you may write to with --data DIR, or use --memory.`;
}

/** The same for the file that log records were to go to. */
export function logFileFailure(error: unknown, file: string): string {
  return `Log records cannot be written to ${file}: ${reason(error)}. Name a file you may write to with --log-file FILE.`;
}

/** In a person's words, with the system's short name: `permission denied (EACCES)`. */
function reason(error: unknown): string {
  const { code, errno, message } = systemError(error);
  // The system's words for it, "file already exists", would leave people wondering what is wrong with that.
  if (code === 'EEXIST') return 'a file has that name (EEXIST)';
  const [name, words] = (errno !== undefined && getSystemErrorMap().get(errno)) || [];
  return name ? `${words} (${name})` : inOneLine(message).replace(/\.$/, '');
}

function systemError(error: unknown): NodeJS.ErrnoException {
  return error instanceof Error ? error : new Error(String(error));
}

/** Tells on standard error, in one line, why a verb of chit-server could do nothing with a store. */
export function tellStoreFailure(error: unknown): void {
  process.stderr.write(`chit-server: ${inOneLine((error as Error).message)}\n`);
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
