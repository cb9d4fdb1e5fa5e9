import type { Case } from './case.js';
import { catchUp } from './cases/catch-up.js';
import { durable } from './cases/durable.js';
import { fanOut } from './cases/fan-out.js';
import { history } from './cases/history.js';
import { idle } from './cases/idle.js';
import { joins } from './cases/joins.js';
import { paced } from './cases/paced.js';
import { reads } from './cases/reads.js';
import { rooms } from './cases/rooms.js';
import { slowReader } from './cases/slow-reader.js';
import { snapshot } from './cases/snapshot.js';
import { start } from './cases/start.js';
import { startRooms } from './cases/start-rooms.js';
import { trace } from './cases/trace.js';

/** All cases, by the names they are called by, in the order they run in. */
export const cases: ReadonlyMap<string, Case> = new Map([
  ['fan-out', fanOut],
  ['joins', joins],
  ['paced', paced],
  ['durable', durable],
  ['slow-reader', slowReader],
  ['catch-up', catchUp],
  ['idle', idle],
  ['start', start],
  ['start-rooms', startRooms],
  ['snapshot', snapshot],
  ['history', history],
  ['rooms', rooms],
  ['reads', reads],
  ['trace', trace],
]);
