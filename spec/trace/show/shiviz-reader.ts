import { expect } from 'chai';

export interface ShivizEvent {
  readonly host: string;
  readonly event: string;
  readonly lamport: string;
  readonly clock: ReadonlyMap<string, number>;
}

/**
 * Reads a file as ShiViz does when it is chosen there: the first line is the expression, the second the delimiter of executions,
 * the rest, trimmed, is matched with the flags g and m. Holds it against what ShiViz requires of the single parts.
 */
export function readAsShiviz(file: string): ShivizEvent[] {
  const [expression = '', delimiter] = file.split('\n', 2);
  expect(delimiter).to.equal('');
  for (const name of ['host', 'clock', 'event']) expect(expression).to.include(`(?<${name}>`);
  const log = file.slice(file.indexOf('\n', file.indexOf('\n') + 1) + 1).trim();
  const events = [...log.matchAll(new RegExp(expression, 'gm'))].map(({ groups = {} }) => eventOf(groups));
  expect(events.length, 'every line is an event').to.equal(log.split('\n').length);
  return events;
}

function eventOf({ host = '', clock = '', event = '', lamport = '' }: Record<string, string>): ShivizEvent {
  expect(host).to.match(/^\S+$/);
  // Hosts are keys of plain objects there: such a name would be taken for a host that is known.
  expect(host in {}).to.equal(false);
  const parsed: Record<string, number> = JSON.parse(clock);
  expect(Object.hasOwn(parsed, host), 'the own host is in the clock').to.equal(true);
  return { host, event, lamport, clock: new Map(Object.entries(parsed)) };
}
