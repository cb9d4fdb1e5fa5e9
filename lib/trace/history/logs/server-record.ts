import { integer, string } from '../record-fields.js';
import type { BunyanRecord } from './log-line.js';
import type { ServerRecord, Source } from './run.js';

const kinds: ReadonlyMap<string, ServerRecord['kind']> = new Map([
  ['broadcast-join', 'joined'],
  ['broadcast-leave', 'left'],
  ['delivery', 'delivery'],
]);

/**
 * What a server's record says of the order; undefined where it says nothing of it. Throws UnreadableRecord where a field that it
 * needs is missing or of another kind.
 */
export function serverRecord(record: BunyanRecord, source: Source): ServerRecord | undefined {
  const kind = kinds.get(record.event);
  if (!kind) return undefined;
  const sequence = integer(record, 'sequence');
  const told = (field: string) => (record[field] === undefined ? undefined : string(record, field));
  const timeMs = Date.parse(told('time') ?? '');
  return {
    ...{ kind, sequence, room: string(record, 'room'), lamport: integer(record, 'lamport') },
    ...{ logId: told('logId'), chain: told('chain'), timeMs: Number.isNaN(timeMs) ? undefined : timeMs, source },
    ...(kind === 'delivery'
      ? { last: integer(record, 'last'), participants: integer(record, 'participants') }
      : { last: sequence, participant: string(record, 'participant'), session: told('session') }),
  };
}
