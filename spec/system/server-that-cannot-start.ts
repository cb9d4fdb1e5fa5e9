import { createServer } from '../../lib/server/server.js';

/** Tries to start a server with these options (JSON), says why that failed, and then does nothing more: its process has to end. */
try {
  await createServer(JSON.parse(process.argv[2] ?? '{}'));
  process.stdout.write('started\n');
} catch (error) {
  process.stdout.write(
    `${error instanceof Error ? `${(error as NodeJS.ErrnoException).code ?? error.name}` : error}\n`,
  );
}
