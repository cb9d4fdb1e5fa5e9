import { existsSync } from 'node:fs';
import type { ClientProcess, PrintedEvent } from '../system/client-process.js';
import { Endings } from '../system/endings.js';
import { projectFile } from '../system/project.js';
import { ServerProcess } from '../system/server-process.js';
import { expectSameWhereCommon, expectUnbroken } from '../system/transcript.js';
import { play } from './script.js';
import { sideBySide } from './side-by-side.js';

/**
 * A server and three clients as processes of their own [T5]: prints the conversation as each of the clients saw it, and
 * ends with 0 if they saw the same.
 */
async function demo(say: (line: string) => void): Promise<number> {
  if (!existsSync(projectFile('dist/server/server.js'))) {
    say('The programs are not built yet. Run: npm run build');
    return 1;
  }
  const endings = new Endings();
  try {
    const server = await ServerProcess.start(endings, { args: ['--grace', '500ms'] });
    say(`A server listens on ${server.address}, as the process ${server.child.pid}.`);
    const cast = await play(endings, server.address, say);
    const code = await server.stop();
    say(`The server has stopped with exit code ${code}.\n`);
    for (const line of picture(cast)) say(line);
    say('');
    for (const { events } of cast) expectUnbroken(events);
    expectSameWhereCommon(cast.map(({ events }) => events));
    say(
      'All three saw the same events in the same order at the same logical times, wherever they were there together.',
    );
    return code === 0 ? 0 : 1;
  } catch (error) {
    say(`\nThe demonstration failed: ${(error as Error).message}`);
    return 1;
  } finally {
    await endings.run();
  }
}

function picture(cast: readonly ClientProcess[]): string[] {
  const columns = cast.map(({ name, events }) => {
    const [first, last] = [events[0]?.sequence ?? 0, events.at(-1)?.sequence ?? 0];
    return {
      title: `What ${name} saw`,
      cells: new Map(events.map((event) => [event.sequence, sentence(event)])),
      blank: (place: number) => (place < first || place > last ? '' : 'MISSING'),
    };
  });
  const places = [...new Set(cast.flatMap(({ events }) => events.map(({ sequence }) => sequence)))];
  return sideBySide(
    columns,
    places.sort((a, b) => a - b),
    Math.max(100, process.stdout.columns ?? 132),
  );
}

function sentence({ kind, lamport, participant, text }: PrintedEvent): string {
  return kind === 'message' ? `[${lamport}] ${participant}: ${text}` : `[${lamport}] ${participant} ${kind}`;
}

process.exitCode = await demo((line) => process.stdout.write(`${line}\n`));
