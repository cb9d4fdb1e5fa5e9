import { closeSync, openSync, unlinkSync } from 'node:fs';
import { FileLock, LockHeld } from '../../lib/platform/file-lock.js';

/**
 * Takes a lock without the flock command and lets it go, again and again, and says how it went: `once N`, `twice` when somebody else had it
 * too. At its `killedAt`th time it dies while it has it. Begins when it is told to.
 */
const [path = '', times = '0', killedAt = '0'] = process.argv.slice(2);
const only = `${path}-only-one`;

process.stdout.write('ready\n');
process.stdin.once('data', () => {
  let had = 0;
  for (let attempt = 0; attempt < Number(times); attempt += 1) {
    let lock: FileLock;
    try {
      lock = FileLock.take(path, 'no-such-command');
    } catch (error) {
      if (error instanceof LockHeld) continue;
      throw error;
    }
    had += 1;
    try {
      closeSync(openSync(only, 'wx'));
    } catch {
      process.stdout.write('twice\n');
      process.exit(1);
    }
    unlinkSync(only);
    if (had === Number(killedAt)) process.kill(process.pid, 'SIGKILL');
    lock.release();
  }
  process.stdout.write(`once ${had}\n`);
  process.exit(0);
});
