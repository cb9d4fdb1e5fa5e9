import { bunyanJournal } from '../../lib/journal/bunyan-journal.js';
import { createServer } from '../../lib/server.js';

/** A server in memory whose limits are those named as JSON: for what would take too long to reach with the default ones. */
const journal = await bunyanJournal({ component: 'server', level: 'info' });
const limits = JSON.parse(process.argv[2] ?? '{}');
const { port } = await createServer({ memory: true, listen: '127.0.0.1:0', limits, journal });
process.stdout.write(`A server with limits of its own is listening on 127.0.0.1:${port}\n`);
