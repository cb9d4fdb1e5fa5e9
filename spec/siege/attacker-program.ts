import { getPriority, setPriority } from 'node:os';
import { Endings } from '../system/endings.js';
import { Attack, type AttackOrder } from './attack.js';
import { attacks } from './attacks.js';
import { storm } from './storm.js';

/**
 * One kind of attacker as a process of its own, by an AttackOrder as JSON; the storm says what it has done, and waits
 * for a line before it goes on. Prints its figures as the last line.
 */
const order = JSON.parse(process.argv[2] ?? '') as AttackOrder;
const endings = new Endings();
const attack = new Attack(order, endings);
const ordered = attacks[order.attack];

/** Says what is done, and waits until it is to go on. The attacks begin when all are back from a storm by itself. */
async function waitForOrder(done: 'joined' | 'back'): Promise<void> {
  process.stdout.write(`${done}\n`);
  await new Promise((resolve) => process.stdin.once('data', resolve));
  if (done === 'back') attack.begin();
}

if (ordered) {
  // The machine is shared with the server and with the honest.
  setPriority(Math.min(19, getPriority() + 10));
  attack.begin();
}
const figures = ordered ? await ordered(attack) : await storm(attack, waitForOrder);
await endings.run();
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit());
