import { resolve } from 'node:path';
import { Command } from 'commander';
import { counted } from '../display/spans.js';
import { type CutReport, checkStore, type RoomReport, type StoreReport, storeIsGood } from '../server/server.js';
import { tellStoreFailure } from './start-failure.js';
import { Progress } from './trace/output.js';

/** What chit-server check ends with; its `--help` explains them. */
const checkExitCodes = { good: 0, damaged: 1, usage: 2 } as const;

const after = `
No server may have the store meanwhile: stop it first. Nothing is written without --cut.

With --cut a store that is damaged is made anew of what is good in it: each room up to its last good event. A room of which
something is lost has another log id from then on, so that clients are told that its history is not the one they knew. The
store's file as it was stays beside the new one, as data.mdb.before-cut; it takes as much space again. Write-ahead segments
(ahead-0 and ahead-1, which a killed server leaves) are looked at too, and kept under such names.

Examples:
  chit-server check ~/.local/share/chit-chat          is all of it good?
  chit-server check --cut ~/.local/share/chit-chat    go on with what is good

Exit codes:
  0  all of it is good
  1  something is damaged (with --cut: was, and the store is whole again)
  2  the command line makes no sense, or there is no store that can be looked at: standard error says why`;

/** The command line of the verb; `run` is given what it asks for, to be done. */
export function checkVerb(run: (verb: () => Promise<number>) => void): Command {
  return new Command('check')
    .description('Look at all of a store that no server has open: which rooms are good, and up to where.')
    .argument('<DIR>', 'the folder of the store, as chit-server --data has it')
    .option('--cut', 'end each damaged room at its last good event, under a new log id')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', after)
    .action((directory: string, { cut = false }: { cut?: boolean }) => run(() => runCheck(resolve(directory), cut)));
}

/** Runs the check and resolves with the program's exit code. */
async function runCheck(directory: string, cut: boolean): Promise<number> {
  let bar: Progress | undefined;
  let before = 0;
  const progress = (done: number, total: number): void => {
    bar ??= new Progress('Looking at the store:', total, process.stderr);
    bar.advance(done - before);
    before = done;
  };
  let report: StoreReport | CutReport;
  try {
    report = await checkStore(directory, { cut, progress });
  } catch (error) {
    bar?.end();
    tellStoreFailure(error);
    return checkExitCodes.usage;
  }
  bar?.end();
  process.stdout.write(`${checkReport(report).join('\n')}\n`);
  return storeIsGood(report) ? checkExitCodes.good : checkExitCodes.damaged;
}

/** What is said of a store, in lines. */
export function checkReport(report: StoreReport | CutReport): string[] {
  const { directory, rooms, faults, format, lmdbReads, segmentsSound, ahead, removing } = report;
  const lines: string[] = [];
  for (const { page, what } of faults) lines.push(`The store's file is damaged: page ${page} ${what}.`);
  if (faults.length === 0 && !lmdbReads) lines.push("The store's file is damaged: LMDB cannot read all of it.");
  if (!segmentsSound)
    lines.push('Its write-ahead segments are damaged: of any of its rooms the newest events may be lost.');
  if (!Number.isSafeInteger(format)) lines.push('What the store says of its format cannot be read.');
  if (format === 1)
    lines.push('The store has format 1, without checksums: its structure and its chains were looked at.');
  for (const room of rooms) lines.push(roomLine(room));
  for (const room of removing) lines.push(`${room} is removed; the next start goes on with what is left of it.`);
  if (ahead > 0)
    lines.push(`Of these, ${counted(ahead, 'event')} in its write-ahead segments; the next start takes them over.`);
  const events = rooms.reduce((sum, { good }) => sum + good, 0);
  const all = `${counted(rooms.length, 'room')}, ${counted(events, 'good event')}`;
  if (storeIsGood(report)) lines.push(`All of ${directory} is good: ${all}.`);
  else if ('cut' in report) lines.push(...cutLines(report, all));
  else lines.push(`${directory} is damaged: ${all}. With --cut it is made anew of what is good.`);
  return lines;
}

function roomLine({ room, good, newest, damaged, headSound, snapshotsDamaged }: RoomReport): string {
  const said: string[] = [];
  if (good === newest) said.push(good === 0 ? 'has no event' : `all ${counted(good, 'event')} good`);
  else {
    const behind = newest - good - damaged;
    said.push(`good up to event ${good} of ${newest}, ${counted(damaged, 'event')} damaged or missing`);
    if (behind > 0) said.push(`${counted(behind, 'event')} behind that can be read`);
  }
  if (!headSound) said.push('its head is damaged, and is made anew from its events by the next start');
  if (snapshotsDamaged > 0)
    said.push(`${counted(snapshotsDamaged, 'snapshot')} damaged, which the next start does without`);
  return `${room}: ${said.join('; ')}.`;
}

function cutLines({ cut, kept, directory }: CutReport, all: string): string[] {
  return [
    ...cut.map(({ room, good, logId }) => `${room} ends at event ${good} now, and has the new log id ${logId}.`),
    `${directory} is whole again: ${all}. The file as it was is ${kept}.`,
  ];
}
