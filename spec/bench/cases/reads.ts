import { encodeReadHistoryRequest } from '../../../lib/codec/requests.js';
import { defaultRoom } from '../../../lib/core/name.js';
import { eventually } from '../../system/eventually.js';
import { RawReads } from '../../system/raw-reads.js';
import type { Bench } from '../case.js';
import { Crowd } from '../crowd.js';
import { LastReceipt } from '../load/last-receipt.js';
import { pace } from '../load/pace.js';
import { Samples } from '../load/samples.js';
import { storeOfEvents } from '../store-of-events.js';
import { ChitServer } from '../subjects/chit-server.js';

const pageEvents = 1_000;
const callsEach = 16;
const sayPerSecond = 50;
const path = '/chit.v1.ChatService/ReadHistory';

/** Whether the many take their pages. */
const takings = [
  { who: 'which are taken', takes: true },
  { who: 'of which nothing is taken', takes: false },
];

/**
 * What it costs two participants, one of whom speaks, that 200 connections ask for 16 pages of 1,000 events each at one
 * moment, and what the server holds then: the times are from saying to the last receipt, from that moment until the last
 * page is there, or for as long as anything is measured [P10].
 */
export async function reads({ sizes, endings: shared, report }: Bench): Promise<void> {
  for (const { who, takes } of takings) {
    const stored = await storeOfEvents(shared, pageEvents);
    const server = await ChitServer.start(shared, [], stored);
    const crowd = new Crowd(server);
    await crowd.join(shared, 2, pageEvents);
    const samples = new Samples();
    const receipts = new LastReceipt(crowd.members, crowd.goal, samples);
    const say = (): void => {
      receipts.said();
      crowd.members[0]?.speaker.say(1);
    };
    const window = 2 ** 30;
    const many = Array.from({ length: sizes.readingConnections }, () => {
      const one = new RawReads(shared, server.address, takes ? { window, connectionWindow: window } : {});
      if (!takes) one.stopReading();
      return one;
    });
    await eventually('the connections', () => many.every(({ connected }) => connected));
    await pace(sayPerSecond, Math.ceil(sizes.warmUpSeconds * sayPerSecond), say);
    await crowd.settle();
    samples.clear();
    const request = encodeReadHistoryRequest({ room: defaultRoom, after: 0, limit: pageEvents });
    for (const one of many) one.call(Array(callsEach).fill(path), request);
    const wanted = sizes.readingConnections * callsEach;
    const over = (): number => many.reduce((sum, one) => sum + one.over.length, 0);
    const figures = await crowd.during(async () => {
      await pace(sayPerSecond, Math.ceil(sizes.seconds * sayPerSecond), say);
      while (takes && over() < wanted) await pace(sayPerSecond, 10, say);
      await crowd.settle();
    });
    const memoryBytes = await server.heldBytes();
    const setting = `${wanted} pages at one moment, ${who}`;
    report(setting, server.name, { ...figures, ...samples.summary(), memoryBytes, paced: true });
  }
}
