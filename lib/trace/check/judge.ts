import { counted } from '../../display/words.js';
import type { LogBundle } from '../history/logs/log-bundle.js';
import { asViolation, violationsIn, violationsPerKindMax } from './check.js';
import { linesOf } from './exhibit-lines.js';
import { oneHistory } from './rules/one-history.js';
import { againstServer } from './server-log.js';
import { statementsOf } from './statements.js';
import { unknownsOf } from './unknowns.js';
import { type Seen, type Verdict, verdictOf } from './verdict.js';
import type { Judged, Violation, ViolationKind } from './violation.js';

/** Judges a run by the promises P1 to P9, by all that its logs tell. */
export function judge(bundle: LogBundle): Verdict {
  const { evidence } = bundle;
  const violations = [...Array.from(oneHistory(evidence), asViolation), ...violationsIn(evidence)];
  const server = againstServer(bundle);
  const broken = violations.filter(isBroken);
  const lines = linesOf(broken, bundle);
  const counterexamples = [
    ...broken.map(({ promise, message }, index) => ({ promise, message, lines: lines[index] ?? [] })),
    ...server.counterexamples,
  ];
  const statements = statementsOf(broken, evidence);
  if (server.agreeing > 0) {
    const records = counted(server.agreeing, 'record');
    statements.push(`The server's log says the same as the clients' in ${records} of joins, leaves and deliveries.`);
  }
  const more = manyAlike(broken) || server.more;
  const unknowns = unknownsOf(violations, bundle, server);
  return verdictOf({ seen: seenIn(bundle), counterexamples, more, unknowns, statements });
}

function seenIn({ server, evidence: { logs, readers, sessions } }: LogBundle): Seen {
  // Two servers have a room of one name, and a participant of one name in each.
  const key = (room: string, logId: string, who: string) => `${room} ${logId} ${who}`;
  const witnesses = new Set<string>();
  const named = new Set<string>();
  for (const { client, name, welcome } of sessions.values()) {
    witnesses.add(key(welcome.room, welcome.logId, name));
    named.add(`${welcome.room} ${client}`);
  }
  // Of a log that begins within a visit nobody knows what its participant is called there.
  const unnamed = readers.filter(({ client, room }) => !named.has(`${room} ${client}`));
  for (const { client, room, connections } of unnamed)
    for (const { welcome } of connections) witnesses.add(key(room, welcome.logId, client));
  const known = new Set<string>();
  let events = 0;
  for (const log of logs.all()) {
    events += log.events.length;
    for (const { name } of log.stays.all) known.add(key(log.room, log.logId, name));
  }
  for (const { room, logId, participant } of server)
    if (participant !== undefined) known.add(key(room, logId ?? logs.get(room, '')?.logId ?? '', participant));
  return { events, witnesses: witnesses.size, participants: Math.max(known.size, witnesses.size) };
}

function isBroken(violation: Violation): violation is Violation & { readonly promise: Exclude<Judged, 'unknown'> } {
  return violation.promise !== 'unknown';
}

function manyAlike(violations: readonly Violation[]): boolean {
  const counts = new Map<ViolationKind, number>();
  for (const { kind } of violations) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return Math.max(...counts.values()) >= violationsPerKindMax;
}
