import { createHash } from 'node:crypto';
import { fileNamePart, stateFile } from './state-folder.js';

/** Of each part of the file's name, in UTF-16 units. */
const partLengthMax = 24;

/**
 * Where a client at a terminal keeps its place if it is not told otherwise: `chit-chat/<room>-<name>@<server>-<hash>.place`
 * in the user's state directory. The hash tells those apart whose names are written the same.
 */
export function defaultPlaceFile(
  visit: { readonly server: string; readonly room: string; readonly name: string },
  stateHome?: string,
): string {
  const { server, room, name } = visit;
  const hash = createHash('sha256')
    .update(JSON.stringify([server, room, name]))
    .digest('hex')
    .slice(0, 12);
  const [inRoom = '', called = '', at = ''] = [room, name, server].map((text) => fileNamePart(text, partLengthMax));
  return stateFile(`${inRoom}-${called}@${at}-${hash}.place`, stateHome);
}
