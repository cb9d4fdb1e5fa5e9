import { counted } from '../../display/spans.js';
import type { Evidence } from '../history/evidence.js';
import { type Step, type StepOf, withEarlier } from '../history/history.js';
import type { LogBundle } from '../history/logs/log-bundle-reader.js';
import type { Source } from '../history/logs/source.js';
import { violationsIn, violationsPerKindMax } from './check.js';
import { oneHistory } from './rules/agreement.js';
import { againstServer } from './server-log.js';
import { statementsOf } from './statements.js';
import { unknownsOf } from './unknowns.js';
import { type PromiseId, type Seen, type Verdict, verdictOf } from './verdict.js';
import type { Exhibit, Violation, ViolationKind } from './violation.js';

/** Judges a run by the promises P1 to P9, by all that its logs tell. */
export function judge(bundle: LogBundle): Verdict {
  const { evidence } = bundle;
  const violations = [...oneHistory(evidence), ...violationsIn(evidence)];
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

function isBroken(violation: Violation): violation is Violation & { readonly promise: PromiseId } {
  return violation.promise !== 'unknown';
}

function manyAlike(violations: readonly Violation[]): boolean {
  const counts = new Map<ViolationKind, number>();
  for (const { kind } of violations) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return Math.max(...counts.values()) >= violationsPerKindMax;
}

/** Lines that are told of one event that many received. */
const receiptLinesMax = 3;

/** The lines that violations are seen in, each violation's in the order of its exhibits. */
function linesOf(violations: readonly Violation[], bundle: LogBundle): Source[][] {
  const { evidence } = bundle;
  const receipts = receiptsOf(violations, evidence);
  const wanted = new Set<Step>([...receipts.values()].flat());
  for (const { exhibits } of violations) for (const one of exhibits) if (one.kind !== 'logged') wanted.add(one);
  const lines = new Map<Step, Source>();
  for (const { client, steps } of wanted.size > 0 ? evidence.history.clients : []) {
    for (const [index, step] of steps.entries())
      for (const one of withEarlier(step)) if (wanted.has(one)) lines.set(one, bundle.source(client, index));
  }
  return violations.map((violation) => {
    const steps = violation.exhibits.flatMap((one) =>
      one.kind === 'logged' ? (receipts.get(keyOf(violation.room, one)) ?? []).slice(0, receiptLinesMax) : [one],
    );
    return [...new Set(steps)].flatMap((step) => lines.get(step) ?? []);
  });
}

/** The receipts of the events that violations name, its author's own first: he stands nearest to it. */
function receiptsOf(violations: readonly Violation[], { readers }: Evidence): Map<string, StepOf<'receive'>[]> {
  const wanted = new Map<string, StepOf<'receive'>[]>();
  for (const { room, exhibits } of violations) {
    for (const one of exhibits) if (one.kind === 'logged') wanted.set(keyOf(room, one), []);
  }
  if (wanted.size === 0) return wanted;
  for (const { room, ranges } of readers) {
    for (const { log, receipts, client } of ranges) {
      for (const receipt of receipts) {
        const { sequence, participant } = receipt.event;
        const found = log && wanted.get(keyOf(room, { logId: log.logId, sequence }));
        if (participant === client) found?.unshift(receipt);
        else found?.push(receipt);
      }
    }
  }
  return wanted;
}

function keyOf(room: string, { logId, sequence }: Pick<Extract<Exhibit, { kind: 'logged' }>, 'logId' | 'sequence'>) {
  return `${room} ${logId} ${sequence}`;
}
