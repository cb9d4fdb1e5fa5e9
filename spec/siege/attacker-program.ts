import { setPriority } from 'node:os';
import { Endings } from '../system/endings.js';
import { Attack, type AttackOrder } from './attack.js';
import { attacks } from './attacks.js';
import { storm } from './storm.js';

/**
 * One kind of attacker as a process of its own, by an AttackOrder as JSON; the storm says `ready` and waits for a line before
 * it begins. Prints its figures as the last line.
 */
const order = JSON.parse(process.argv[2] ?? '') as AttackOrder;
const endings = new Endings();
const attack = new Attack(order, endings);
const ordered = attacks[order.attack];

/** All is ready: waits until the attacks are to begin. */
async function ready(): Promise<void> {
  process.stdout.write('ready\n');
  await new Promise((resolve) => process.stdin.once('data', resolve));
  attack.begin();
}

if (ordered) {
  // The machine is shared with the server and with the honest.
  setPriority(10);
  attack.begin();
}
const figures = ordered ? await ordered(attack) : await storm(attack, ready);
await endings.run();
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit());
