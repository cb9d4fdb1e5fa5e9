import { writeSync } from 'node:fs';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import { LmdbStore } from '../../../../lib/server/log/lmdb/lmdb-store.js';
import { decode } from '../room-script.js';

/** Removes a room, and is killed when so many transactions are durable; says `done` if there were not so many. */
const [directory = '', room = '', writes = ''] = process.argv.slice(2);

let left = Number(writes);
const { commit } = LmdbStore.prototype;
LmdbStore.prototype.commit = async function (write) {
  await commit.call(this, write);
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
};

const log = LmdbLog.open(directory, { decode });
await log.remove(room);
await log.finishRemovals();
await log.close();
writeSync(1, 'done\n');
