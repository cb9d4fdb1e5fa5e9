import { writeSync } from 'node:fs';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import { decode } from '../room-script.js';

/** Opens a store, as the user `uid` if one is given, says how that went, and holds it until it is killed. */
const [directory = '', uid] = process.argv.slice(2);
if (uid) process.setuid?.(Number(uid));
try {
  LmdbLog.open(directory, { decode });
  writeSync(1, 'open\n');
  setInterval(() => {}, 1_000_000);
} catch (error) {
  const { name, code } = error as NodeJS.ErrnoException;
  writeSync(1, `${code ?? name}\n`);
}
