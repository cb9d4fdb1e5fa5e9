import { Endings } from '../system/endings.js';
import type { Case, Result, Sizes } from './case.js';
import { storeOfEvents } from './store-of-events.js';
import { BareHttp2 } from './subjects/bare-http2.js';
import { ChitServer } from './subjects/chit-server.js';
import { findNatsServer, NatsServer } from './subjects/nats-server.js';
import type { Subject } from './subjects/subject.js';

export interface Run {
  readonly cases: ReadonlyMap<string, Case>;
  readonly sizes: Sizes;
  readonly reported: (result: Result) => void;
  readonly note: (text: string) => void;
  /** A checkout whose build is measured beside this one, instead of the other servers. */
  readonly against?: string | undefined;
  /** Whether the last of those that are compared comes first: whoever comes second meets another machine. */
  readonly reversed?: boolean;
}

type Start<S> = (endings: Endings) => Promise<S>;

/** Runs the cases one after the other. Rejects with the first fault: an event that was not delivered as promised. */
export async function runCases({ cases, sizes, reported, note, against, reversed = false }: Run): Promise<void> {
  const shared = new Endings();
  let stored: Promise<string> | undefined;
  const builds: Start<ChitServer>[] = [(endings) => ChitServer.start(endings)];
  const others: Start<Subject>[] = [];
  const unflushed: Start<Subject>[] = [];
  if (against === undefined) {
    others.push(BareHttp2.start);
    unflushed.push(ChitServer.startUnflushed);
    const nats = findNatsServer();
    if (nats !== undefined) {
      others.push((endings) => NatsServer.start(endings, nats));
      unflushed.push((endings) => NatsServer.startJetStream(endings, nats));
    } else note('nats-server is not installed, so nothing is compared with it');
  } else {
    const other = { name: 'the other build', directory: against } as const;
    builds.push((endings) => ChitServer.start(endings, [], undefined, other));
  }
  const storedEvents = (): Promise<string> => {
    stored ??= storeOfEvents(shared, sizes.storedEvents);
    return stored;
  };
  const forEach =
    <S>(starts: readonly Start<S>[]) =>
    async (use: (started: S, endings: Endings) => Promise<void>): Promise<void> => {
      for (const start of reversed ? [...starts].reverse() : starts) {
        const endings = new Endings();
        try {
          await use(await start(endings), endings);
        } finally {
          await endings.run();
        }
      }
    };
  try {
    for (const [name, measure] of cases) {
      const endings = new Endings();
      try {
        await measure({
          sizes,
          against,
          endings,
          forEachSubject: forEach<Subject>([...builds, ...others]),
          forEachUnflushed: forEach(unflushed),
          forEachBuild: forEach(builds),
          storedEvents,
          note,
          report: (setting, subject, figures) => reported({ case: name, setting, subject, ...rounded(figures) }),
        });
      } finally {
        await endings.run();
      }
    }
  } finally {
    await shared.run();
  }
}

/** No more digits than mean something. */
function rounded<T extends object>(figures: T): T {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [
      name,
      typeof value === 'number' ? Number(value.toPrecision(4)) : value,
    ]),
  ) as T;
}
