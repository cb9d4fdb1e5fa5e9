import { Endings } from '../system/endings.js';
import type { Bench, Case, Result, Sizes } from './case.js';
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
}

/** Runs the cases one after the other. Rejects with the first fault: an event that was not delivered as promised. */
export async function runCases({ cases, sizes, reported, note }: Run): Promise<void> {
  const shared = new Endings();
  let stored: Promise<string> | undefined;
  const nats = findNatsServer();
  const starts: ((endings: Endings) => Promise<Subject>)[] = [ChitServer.start, BareHttp2.start];
  if (nats !== undefined) starts.push((endings) => NatsServer.start(endings, nats));
  else note('nats-server is not installed, so nothing is compared with it');
  const storedEvents = (): Promise<string> => {
    stored ??= storeOfEvents(shared, sizes.storedEvents);
    return stored;
  };
  const forEachSubject: Bench['forEachSubject'] = async (use) => {
    for (const start of starts) {
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
          endings,
          forEachSubject,
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
