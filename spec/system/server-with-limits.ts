import { bunyanJournal } from '../../lib/platform/bunyan-journal.js';
import { createServer } from '../../lib/server/server.js';

/**
 * A server whose limits are those named as JSON: for what would take too long to reach with the default ones. Its log is in
 * memory, or where `--data` says if `durable` comes second. `--no-fast-lane` is as in chit-server.
 */
const [limits = '{}', kept, ...options] = process.argv.slice(2);
const log = kept === 'durable' ? { data: options[options.indexOf('--data') + 1] } : { memory: true };
const journal = await bunyanJournal({ component: 'server', level: 'info' });
const fastLane = !options.includes('--no-fast-lane');
const { port } = await createServer({ ...log, fastLane, listen: '127.0.0.1:0', limits: JSON.parse(limits), journal });
process.stdout.write(`A server with limits of its own is listening on 127.0.0.1:${port}\n`);
