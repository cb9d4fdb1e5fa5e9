import { resolve } from 'node:path';
import { Command } from 'commander';
import { counted } from '../display/spans.js';
import { NoSuchRoom, removeStoredRooms, type StoredRoom } from '../server/server.js';
import { collected } from './arguments.js';
import { tellStoreFailure } from './start-failure.js';
import { storeFolder } from './user-folders.js';

/** What chit-server rooms ends with; its `--help` explains them. */
const roomsExitCodes = { done: 0, noSuchRoom: 1, usage: 2 } as const;

const after = `
No server may have the store meanwhile: stop it first. A room that is removed is gone with all its events, for good; one that is
begun again under its name is another one, with another log id, and clients that knew the first are told so. Participants are
those whose sessions have not ended: the next start of a server ends them, unless they come back.

Examples:
  chit-server rooms                                   the rooms of the store in your data folder
  chit-server rooms ~/.local/share/chit-chat          the rooms of another one
  chit-server rooms --remove trial --remove trial-2   make room for two new ones

Exit codes:
  0  the rooms are listed, or the ones named are removed
  1  a room that was to be removed is not there: nothing was removed
  2  the command line makes no sense, or there is no store that can be opened: standard error says why`;

/** The command line of the verb; `run` is given what to do. The store is DIR, or what `--data` or CHIT_DATA names. */
export function roomsVerb(run: (verb: () => Promise<number>) => void): Command {
  return new Command('rooms')
    .description('List the rooms of a store that no server has open, and remove some.')
    .argument('[DIR]', 'the folder of the store (default: as chit-server --data or CHIT_DATA has it)')
    .option('--remove <ROOM>', 'remove this room with all its events; may be given several times', collected, [])
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', after)
    .action((named: string | undefined, { remove }: { remove: string[] }, command: Command) => {
      const directory = named ?? command.parent?.opts<{ data: string }>().data ?? storeFolder().path;
      run(() => runRooms(directory, remove));
    });
}

/** Lists or removes, and resolves with the program's exit code. */
async function runRooms(named: string, removed: readonly string[]): Promise<number> {
  const directory = resolve(named);
  let rooms: readonly StoredRoom[];
  try {
    rooms = await removeStoredRooms(directory, removed);
  } catch (error) {
    tellStoreFailure(error);
    return error instanceof NoSuchRoom ? roomsExitCodes.noSuchRoom : roomsExitCodes.usage;
  }
  process.stdout.write(`${roomsReport(directory, rooms, removed).join('\n')}\n`);
  return roomsExitCodes.done;
}

/** What is said of a store's rooms, or of those removed, in lines. */
function roomsReport(directory: string, rooms: readonly StoredRoom[], removed: readonly string[]): string[] {
  const left = rooms.filter(({ room }) => !removed.includes(room));
  const gone = rooms.filter(({ room }) => removed.includes(room));
  const sum = `${directory} has ${counted(left.length, 'room')}, ${counted(total(left), 'event')}.`;
  if (gone.length > 0)
    return [...gone.map(({ room, events }) => `${room} is removed, ${counted(events, 'event')}.`), sum];
  return [...left.map(roomLine), sum];
}

function roomLine({ room, events, participants, newestMs }: StoredRoom): string {
  const newest =
    newestMs === undefined ? 'the newest cannot be read' : `the newest ${new Date(newestMs).toISOString()}`;
  return `${room}: ${counted(events, 'event')}, ${newest}, ${counted(participants, 'participant')}.`;
}

function total(rooms: readonly StoredRoom[]): number {
  return rooms.reduce((sum, { events }) => sum + events, 0);
}
