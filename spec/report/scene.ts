import { ClientProcess } from '../system/client-process.js';
import type { Endings } from '../system/endings.js';
import { eventually } from '../system/eventually.js';
import type { ServerProcess } from '../system/server-process.js';
import { TcpProxy } from '../system/tcp-proxy.js';

/** Those who take part, in the order in which they come. */
export const cast = ['Ada', 'Bob', 'Cyd', 'Dan'] as const;

/** What a client's log is called. */
export function logName(participant: string): string {
  return `${participant.toLowerCase()}.log`;
}

/**
 * The conversation of the report [T5]: Cyd and Dan come while others talk, Bob leaves, Cyd is killed, and two messages cross in
 * flight, which is made sure of by holding back Bob's network while Ada speaks. Each step waits until all have seen the one before,
 * so that every run has the same events at the same logical times. Resolves with the clients, in the order in which they came, when
 * all have ended.
 */
export async function play(
  endings: Endings,
  server: ServerProcess,
  note: (what: string) => void,
): Promise<readonly ClientProcess[]> {
  const network = await TcpProxy.start(endings, server.address);
  const present: ClientProcess[] = [];

  const enter = async (name: (typeof cast)[number], address = server.address) => {
    const newcomer = new ClientProcess(endings, address, { name });
    present.push(newcomer);
    await Promise.all(present.map((client) => client.told('joined', name)));
    return newcomer;
  };
  const heard = (text: string) => Promise.all(present.map((client) => client.heard(text)));
  const speak = async (author: ClientProcess, text: string) => {
    author.say(text);
    await heard(text);
  };
  const exit = async (leaver: ClientProcess, how: () => Promise<unknown>) => {
    present.splice(present.indexOf(leaver), 1);
    await how();
    await Promise.all(present.map((client) => client.told('left', leaver.name)));
  };

  const ada = await enter('Ada');
  const bob = await enter('Bob', network.address);
  await speak(ada, 'Good morning, Bob! When do we meet today?');
  await speak(bob, 'Good morning, Ada! Propose something.');

  const [three, four] = ['I propose three o’clock.', 'I propose four o’clock.'];
  network.freeze();
  ada.say(three);
  await ada.heard(three);
  bob.say(four);
  await eventually('Bob has sent', () => bob.records().some(({ event, text }) => event === 'send' && text === four));
  network.thaw();
  await Promise.all([heard(three), heard(four)]);
  note('Ada and Bob have spoken at once: their messages crossed in flight.');

  const cyd = await enter('Cyd');
  await speak(ada, 'Cyd, there are two proposals, three and four.');
  await speak(cyd, 'Four is fine with me.');
  const dan = await enter('Dan');
  await speak(dan, 'Hello all! What did I miss?');
  note('Cyd and Dan have joined while the others talked.');

  await speak(bob, 'Four o’clock it is. I have to go, bye!');
  await exit(bob, () => bob.leave());
  note('Bob has left.');
  await speak(cyd, 'Then I go and book the room.');
  // Nobody can say how much of what it was about to write a killed process has written: so it has nothing to write.
  await cyd.until('Cyd has its answer', () => cyd.records().at(-1)?.event === 'accepted');
  await exit(cyd, () => cyd.kill());
  note('Cyd was killed with SIGKILL.');
  await speak(ada, 'We lost Cyd.');
  await speak(dan, 'I book the room, then. Bye!');
  await exit(dan, () => dan.leave());
  await exit(ada, () => ada.leave());
  note('Dan and Ada have left.');
  return [ada, bob, cyd, dan];
}
