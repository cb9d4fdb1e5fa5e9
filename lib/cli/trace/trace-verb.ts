import { Command, InvalidArgumentError, Option } from 'commander';
import { BadPattern } from '../../trace/foreign/pattern.js';
import { TooManyClocks } from '../../trace/space-time/causality.js';
import { NothingSelected } from '../../trace/space-time/selection.js';
import { wholeNumber } from '../arguments.js';
import { CannotReadLogs } from './log-files.js';
import { CannotWrite } from './output.js';

/** What chit-trace ends with; its --help explains them. */
export const exitCodes = {
  /** Everything asked for was done; of `check`: all promises were kept. */
  done: 0,
  /** `check` found a promise broken. */
  violated: 1,
  /** The command line makes no sense, or a file cannot be read, understood or written. */
  usage: 2,
  /** `check` could judge nothing; where it is strict also: nothing was found broken, but the logs do not tell all. */
  incomplete: 3,
} as const;

export type TraceEnd = keyof typeof exitCodes;

/** A verb of chit-trace. `done` is to be called once, with how it ended. */
export type TraceVerb = (done: (end: TraceEnd) => void) => Command;

interface VerbParts<Options> {
  readonly name: string;
  readonly description: string;
  /** What its help says after the options. */
  readonly after: string;
  readonly logs?: string;
  readonly options: (command: Command) => Command;
  /** Rejects with one of `told` where the user can do something about it. */
  readonly work: (logs: string[], options: Options, command: Command) => Promise<TraceEnd>;
}

const told = [BadPattern, CannotReadLogs, CannotWrite, NothingSelected, TooManyClocks];

/** A verb that reads logs. A fault the user can mend is told in one line, and ends the command like a wrong usage. */
export function traceVerb<Options>(parts: VerbParts<Options>): TraceVerb {
  const { name, description, after, logs = 'log files of clients and servers', options, work } = parts;
  return (done) => {
    const command = options(new Command(name).description(description).argument('<LOG...>', logs))
      .helpOption('-h, --help', 'print this help')
      .addHelpText('after', after);
    return command.action(async (paths: string[], chosen: Options) => {
      try {
        done(await work(paths, chosen, command));
      } catch (error) {
        if (told.some((kind) => error instanceof kind)) command.error(`error: ${(error as Error).message}`);
        throw error;
      }
    });
  };
}

/** The options --from, --to and --participants. */
export function selectionOptions(order = ''): Option[] {
  return [
    new Option('--from <N>', 'begin with the event that has this sequence').argParser(wholeNumber(1)),
    new Option('--to <N>', 'end with the event that has this sequence').argParser(wholeNumber(1)),
    new Option('--participants <NAMES>', `only these, with commas between them${order}`).argParser(names),
  ];
}

function names(text: string): string[] {
  const all = text.split(',').map((name) => name.trim().normalize('NFC'));
  if (all.includes('')) throw new InvalidArgumentError('Write names with commas between them, such as ada,bob.');
  return all;
}
