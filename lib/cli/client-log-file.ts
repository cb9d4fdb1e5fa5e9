import { fileNamePart, stateFile } from './state-folder.js';

/** Of each part of the file's name, in UTF-16 units. */
const partLengthMax = 40;

/** Where a client logs if it is not told otherwise: `chit-chat/<room>-<name>.log` in the user's state directory. */
export function defaultLogFile(room: string, name: string, stateHome?: string): string {
  return stateFile(`${fileNamePart(room, partLengthMax)}-${fileNamePart(name, partLengthMax)}.log`, stateHome);
}
