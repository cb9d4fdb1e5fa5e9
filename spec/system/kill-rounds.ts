import { setTimeout as pause } from 'node:timers/promises';
import type { RoomEvent } from '../../lib/core/event.js';
import { printHelpIfAsked, wholeNumber } from '../scripts/script-help.js';
import { verdictOf } from './acknowledged.js';
import { Endings, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';
import { Talker } from './talker.js';
import { expectUnbroken } from './transcript.js';

const help = `npm run kill-rounds -- [ROUNDS]

Kills a server with a durable store under load, ROUNDS times (20), and looks whether anything that it acknowledged is gone
[P4] [P5] [P6] [P7] [P8]. Prints a line of JSON for each round, and one for all.

Exit codes:
  0  nothing was lost, duplicated or out of order
  1  something was
  2  the command line makes no sense
`;

printHelpIfAsked(process.argv.slice(2), help);
const rounds = wholeNumber('ROUNDS', process.argv[2] ?? 20, [1, 10_000]);
const talkersOnChat = 6;
const talkersByCalls = 2;
const args = ['--publishes-per-second-max', '0', '--log-level', 'warn'];

const beginning = { sequence: 0, chain: '0000000000000000' };

interface Round {
  readonly acknowledged: number;
  readonly seen: readonly RoomEvent[];
}

async function round(number: number, endings: Endings, server: ServerProcess): Promise<Round> {
  const talkers = Array.from(
    { length: talkersOnChat + talkersByCalls },
    (_, index) => new Talker(new RawCaller(endings, server.address), `Talker ${index + 1}`),
  );
  const sessions = await Promise.all(talkers.map((talker) => talker.join()));
  const talks = talkers.map((talker, index) =>
    index < talkersOnChat
      ? talker.onChat(`in round ${number}`, 16)
      : talker.byCalls(sessions[index] ?? '', `in round ${number}`),
  );
  const acknowledged = () => talkers.reduce((sum, talker) => sum + talker.acknowledged, 0);
  await eventually('a first acknowledgement', () => acknowledged() > 0);
  // The one moment that is to be left to chance.
  await pause(50 + Math.random() * 700);
  await server.kill();
  await Promise.all(talks);
  return { acknowledged: acknowledged(), seen: talkers.flatMap((talker) => talker.seen) };
}

async function main(): Promise<number> {
  const store = new Endings();
  const data = temporaryDirectory(store);
  const total = { acknowledged: 0, lost: 0, duplicated: 0, disordered: 0 };
  let history: readonly RoomEvent[] = [];
  try {
    let endings = new Endings();
    let server = await ServerProcess.start(endings, { data, args });
    for (let number = 1; number <= rounds; number += 1) {
      const { acknowledged, seen } = await round(number, endings, server);
      await endings.run();
      endings = new Endings();
      const began = performance.now();
      server = await ServerProcess.start(endings, { data, args });
      const restartMs = Math.round(performance.now() - began);
      // What one life has kept, no later one may lose.
      const earlier = history;
      history = await new RawCaller(endings, server.address).history();
      expectUnbroken(history, beginning);
      const { lost, duplicated, disordered } = verdictOf([...earlier, ...seen], history);
      const sessions = history.filter(({ kind }) => kind === 'joined').length;
      const left = history.filter(({ kind }) => kind === 'left').length;
      total.acknowledged += acknowledged;
      total.lost += lost.length;
      total.duplicated += duplicated.length;
      total.disordered += disordered.length + Math.abs(sessions - left);
      const line = { round: number, acknowledged, lost: lost.length, duplicated: duplicated.length, restartMs };
      process.stdout.write(
        `${JSON.stringify({ ...line, disordered: disordered.length, sessions, left, events: history.length })}\n`,
      );
      for (const what of [...lost, ...duplicated, ...disordered].slice(0, 5)) process.stdout.write(`  ${what}\n`);
    }
    await server.stop();
    await endings.run();
  } finally {
    await store.run();
  }
  process.stdout.write(`${JSON.stringify({ rounds, ...total })}\n`);
  return total.lost + total.duplicated + total.disordered > 0 ? 1 : 0;
}

process.exitCode = await main();
