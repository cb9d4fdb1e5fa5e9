import { expect } from 'chai';
import { defaultLimits } from '../../lib/core/limits.js';
import type { Fields, Journal } from '../../lib/platform/journal.js';
import { RepeatedRecords, type RepeatedRecordsLimits } from '../../lib/platform/repeated-records.js';

describe('Repeated records', () => {
  let records: (Fields & { readonly level: string; readonly event: string })[];
  let nowMs: number;

  beforeEach(() => {
    records = [];
    nowMs = 0;
  });

  const small: RepeatedRecordsLimits = {
    recordBurstMax: 3,
    recordsPerSecondMax: 2,
    recordsPerSecondPerAddressMax: 1,
    recordSummaryMs: 1_000_000,
    recordKeysMax: 4,
  };

  function journal(limits: RepeatedRecordsLimits = small): RepeatedRecords {
    const record = (level: string) => (event: string, fields?: Fields) =>
      void records.push({ level, event, ...fields });
    const all: Journal = { debug: record('debug'), info: record('info'), warn: record('warn'), error: record('error') };
    return new RepeatedRecords(all, { limits, always: new Set(['broadcast-join']), now: () => nowMs });
  }

  const written = (event: string) => records.filter((record) => record.event === event).length;

  it('are written in full up to the limit and then counted: one record tells how many there were', () => {
    const repeated = journal();
    for (let port = 1; port <= 10; port += 1) repeated.info('connection-opened', { peer: `10.0.0.1:${port}` });
    expect(written('connection-opened')).to.equal(3);
    nowMs = 400;
    repeated.close();
    expect(records.at(-1)).to.deep.equal({
      ...{ level: 'info', event: 'repeated', of: 'connection-opened', count: 7, address: '10.0.0.1', forMs: 400 },
    });
    repeated.close();
    expect(written('repeated'), 'once').to.equal(1);
  });

  it('are told of by themselves after a while', async () => {
    const repeated = journal({ ...small, recordSummaryMs: 1 });
    const told = new Promise<void>((resolve) => {
      const look = () => (written('repeated') > 0 ? resolve() : setTimeout(look, 1));
      look();
    });
    for (let port = 1; port <= 4; port += 1) repeated.warn('not-http2', { peer: `10.0.0.1:${port}` });
    await told;
    expect(records.at(-1)).to.include({ level: 'warn', of: 'not-http2', count: 1 });
  });

  it('may be written again at a steady rate, for one address at its own', () => {
    const repeated = journal();
    const flood = () => {
      for (let port = 1; port <= 10; port += 1) repeated.info('call', { peer: `10.0.0.1:${port}` });
    };
    flood();
    nowMs += 2_000;
    flood();
    expect(written('call'), 'two seconds, one for each').to.equal(5);
  });

  it('of one address keep no other from being written, until all of a kind are too many', () => {
    const repeated = journal({ ...small, recordBurstMax: 5 });
    for (let port = 1; port <= 4; port += 1) repeated.info('call', { peer: `10.0.0.1:${port}` });
    repeated.info('call', { peer: '[::1]:1' });
    repeated.info('call', { peer: '10.0.0.2:1' });
    expect(written('call')).to.equal(5);
    repeated.close();
    expect(records.at(-1)).to.include({ count: 1, address: '10.0.0.2' });
    for (const peer of ['10.0.0.3:1', '10.0.0.4:1']) repeated.info('call', { peer });
    repeated.close();
    expect(records.at(-1), 'of several').to.include({ count: 2 }).and.not.to.have.property('address');
  });

  it('are told apart by level, event and reason, and in a table with an end', () => {
    const repeated = journal();
    for (const limit of ['connectionsMax', 'connectionsPerAddressMax']) {
      for (let time = 1; time <= 4; time += 1) repeated.warn('connections-refused', { address: '10.0.0.1', limit });
    }
    expect(written('connections-refused')).to.equal(6);
    repeated.close();
    expect(records.slice(-2).map(({ detail, count }) => [detail, count])).to.deep.equal([
      ['connectionsMax', 1],
      ['connectionsPerAddressMax', 1],
    ]);
    for (let reason = 1; reason <= 100; reason += 1) repeated.info('cut', { reason: `${reason}` });
    repeated.close();
    expect(written('repeated')).to.be.below(10);
  });

  it('are never joins, leaves and deliveries, which are paid for by events [T4]', () => {
    const repeated = journal();
    for (let time = 1; time <= 10; time += 1) {
      repeated.info('broadcast-join', { sequence: time });
      repeated.debug('delivery', { sequence: time });
    }
    expect([written('broadcast-join'), written('delivery')]).to.deep.equal([10, 10]);
  });

  it('by the default limits are not those of 2,000 who come back twice from one address at once [T3] [T4]', () => {
    const repeated = journal(defaultLimits);
    for (let port = 1; port <= 4_000; port += 1) {
      for (const event of ['connection-opened', 'call-started', 'connect', 'resumed', 'call', 'connection-closed']) {
        repeated.info(event, { peer: `10.0.0.1:${port}` });
      }
    }
    repeated.close();
    expect([records.length, written('repeated')]).to.deep.equal([24_000, 0]);
  });
});
