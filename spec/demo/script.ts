import { ClientProcess } from '../system/client-process.js';
import type { Endings } from '../system/endings.js';

/** The clients after the conversation, each with what it saw; Cyd was killed in the middle of it. */
export type Cast = readonly [ada: ClientProcess, bob: ClientProcess, cyd: ClientProcess];

/** A conversation of three: Cyd comes late, Bob leaves, and Cyd is killed. Resolves when all have ended. */
export async function play(endings: Endings, server: string, note: (what: string) => void): Promise<Cast> {
  const join = (name: string) => ClientProcess.joined(endings, server, { name });
  const [ada, bob] = [await join('Ada'), await join('Bob')];
  note(`Ada and Bob have joined, as the processes ${ada.child.pid} and ${bob.child.pid}.`);
  // Both at once: who comes first is the room's to decide, and the same for both.
  ada.say('Good morning, Bob!', 'The coffee is ready.');
  bob.say('Good morning, Ada!', 'It is raining again.');
  await Promise.all([ada.heard('It is raining again.'), bob.heard('The coffee is ready.')]);

  ada.say('I count to three.', 'One', 'Two', 'Three');
  const cyd = await join('Cyd');
  note(`Cyd has joined while Ada and Bob talk, as the process ${cyd.child.pid}.`);
  cyd.say('Sorry, I am late. What did I miss?');
  await Promise.all([ada, bob].map((client) => client.heard('Sorry, I am late. What did I miss?')));
  bob.say('Coffee and counting.', 'I have to go, bye!');
  const bobLeft = bob.leave();
  await Promise.all([ada, cyd].map((client) => client.told('left', 'Bob')));
  await bobLeft;
  note('Bob has left.');

  cyd.say('Now there are two of us.');
  await Promise.all([ada, cyd].map((client) => client.heard('Now there are two of us.')));
  await cyd.kill();
  note('Cyd was killed with SIGKILL.');
  await ada.told('left', 'Cyd');
  ada.say('And now I am alone.');
  await ada.heard('And now I am alone.');
  await ada.leave();
  note('Ada has left.');
  return [ada, bob, cyd];
}
