import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TerminalEmulator, type TerminalEmulatorOptions } from '../../system/terminal-emulator.js';

const program = fileURLToPath(new URL('fake-session.ts', import.meta.url));

/** The terminal client in a pseudo-terminal, in a room in which the test makes things happen. */
export interface FakeRoom {
  readonly terminal: TerminalEmulator;
  /** Calls a method of fake-session's client. */
  call(method: string, ...values: unknown[]): void;
  close(): Promise<void>;
}

export async function openFakeRoom(options: TerminalEmulatorOptions = {}): Promise<FakeRoom> {
  const directory = await mkdtemp(join(tmpdir(), 'chit-terminal-'));
  const path = join(directory, 'room');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const terminal = new TerminalEmulator(process.execPath, ['--expose-gc', '--import', 'tsx', program], {
    ...options,
    env: { FAKE_ROOM: path, ...options.env },
  });
  const [socket] = (await once(server, 'connection')) as [Socket];
  socket.on('error', () => {});
  return {
    terminal,
    call: (method, ...values) => void socket.write(`${JSON.stringify([method, ...values])}\n`),
    async close() {
      terminal.close();
      socket.destroy();
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
