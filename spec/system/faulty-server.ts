import { serverCommand } from '../../lib/cli/server-command.js';

/** chit-server with a fault of its own: an exception that nobody catches, when its standard input ends. */
await serverCommand(process.argv);
process.stdin.resume().once('end', () => {
  throw new Error('a fault');
});
