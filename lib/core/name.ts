import { codePoints } from './text.js';

/** Letters, marks, digits, `_ - .`; words of them with single spaces between; no word begins with a combining mark. */
const form = /^[\p{L}\p{Nd}_.-][\p{L}\p{M}\p{Nd}_.-]*(?: [\p{L}\p{Nd}_.-][\p{L}\p{M}\p{Nd}_.-]*)*$/u;

/** Characters that show nothing: fillers, joiners, variation selectors; two names could look the same by them. */
const invisible = /\p{Default_Ignorable_Code_Point}/u;

const reserved = 'server';

/** Whether a participant may be called `name` (docs/protocol.md, "What is valid"). */
export function isName(name: string, codePointsMax: number): boolean {
  return (
    form.test(name) &&
    !invisible.test(name) &&
    name.isWellFormed() &&
    codePoints(name, codePointsMax) <= codePointsMax &&
    name === name.normalize('NFC') &&
    foldName(name) !== reserved
  );
}

/**
 * What two names have in common when they count as the same in a room: NFKC and case folding (upper then lower case
 * makes `ß` and `SS`, `ς` and `σ` equal).
 */
export function foldName(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}

/** The room of a join that names none. */
export const defaultRoom = 'lobby';

const roomForm = /^[a-z0-9][a-z0-9._-]*$/;

/** Whether a room may be called `room` (docs/protocol.md, "What is valid"). */
export function isRoomName(room: string, lengthMax: number): boolean {
  return room.length <= lengthMax && roomForm.test(room);
}
