import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { open } from 'lmdb';
import { segmentNames } from '../../lib/server/log/write-ahead/segment.js';
import { Random } from '../simulation/random.js';
import { endedAfterEach } from '../system/endings.js';
import { RawCaller } from '../system/raw-caller.js';
import { ServerProcess } from '../system/server-process.js';
import { type Flip, flipBits, plannedFlips } from './flips.js';

describe('flipped bits', () => {
  const endings = endedAfterEach();

  async function store(): Promise<string> {
    const server = await ServerProcess.start(endings);
    const chat = new RawCaller(endings, server.address).chat();
    await chat.join('Ada');
    for (let number = 1; number <= 20; number += 1) chat.publish(`message ${number}`);
    await chat.heard('message 20');
    await server.stop();
    return server.data;
  }

  it('are one bit of a stored value each, where they are said to be, and nothing else', async () => {
    const directory = await store();
    const before = await valuesOf(directory);
    const flips: Flip[] = [
      { table: 'entries', record: 0.5, byte: 0.9, bit: 3 },
      { table: 'heads', record: 0, byte: 0.2, bit: 0 },
    ];
    const made = await flipBits(directory, flips);
    expect(made.map(({ table, room }) => [table, room])).to.deep.equal([
      ['entries', 'lobby'],
      ['heads', 'lobby'],
    ]);
    const changed = [...(await valuesOf(directory))].filter(([key, value]) => !before.get(key)?.equals(value));
    expect(changed, 'values that changed').to.have.length(2);
    for (const [index, { table, room, sequence, byte, bit }] of made.entries()) {
      const [key, value] = changed.find(([name]) => name.includes('[') === (table === 'entries')) as [string, Buffer];
      expect(key.endsWith(JSON.stringify(sequence === undefined ? room : [room, sequence])), key).to.equal(true);
      const as = Buffer.from(before.get(key) as Buffer);
      as[byte] = (as[byte] as number) ^ (1 << bit);
      expect(value.equals(as), `flip ${index + 1}`).to.equal(true);
    }
  });

  it('are one bit of a segment that a killed server left, and nothing else', async () => {
    const server = await ServerProcess.start(endings);
    const chat = new RawCaller(endings, server.address).chat();
    await chat.join('Ada');
    for (let number = 1; number <= 20; number += 1) chat.publish(`message ${number}`);
    await chat.heard('message 20');
    await server.kill();
    const files = () => ['data.mdb', ...segmentNames].map((name) => readFileSync(join(server.data, name)));
    const before = files();
    const [made] = await flipBits(server.data, [{ table: 'segments', record: 0, byte: 0.999999, bit: 6 }]);
    if (!made) throw new Error('nothing was flipped');
    const which = 1 + segmentNames.indexOf(made.room as (typeof segmentNames)[number]);
    const as = Buffer.from(before[which] as Buffer);
    expect(as[made.byte], 'the end of a mark').to.be.a('number');
    as[made.byte] = (as[made.byte] as number) ^ (1 << made.bit);
    for (const [index, bytes] of files().entries()) {
      expect(bytes.equals(index === which ? as : (before[index] as Buffer)), `file ${index}`).to.equal(true);
    }
    expect(
      as.subarray(made.byte + 1).every((byte) => byte === 0),
      'what is behind the last frame',
    ).to.equal(true);
  });

  it('pass over what is not there', async () => {
    const server = await ServerProcess.start(endings);
    await server.stop();
    const flips = (['entries', 'heads', 'snapshots', 'segments'] as const).map((table) => ({
      table,
      record: 0.5,
      byte: 0.5,
      bit: 0,
    }));
    expect(await flipBits(server.data, flips)).to.deep.equal([]);
  });

  it('are planned by their source of chance alone', () => {
    expect(plannedFlips(new Random(4))).to.deep.equal(plannedFlips(new Random(4)));
    expect(plannedFlips(new Random(4))).not.to.deep.equal(plannedFlips(new Random(5)));
  });
});

/** All values of the store by table and key. */
async function valuesOf(directory: string): Promise<Map<string, Buffer>> {
  const root = open({ path: directory, noSubdir: false, readOnly: true, encoding: 'binary' });
  const values = new Map<string, Buffer>();
  for (const table of [...root.getKeys()]) {
    const db = root.openDB<Buffer, string>(String(table), { encoding: 'binary' });
    for (const key of [...db.getKeys()]) {
      values.set(`${String(table)} ${JSON.stringify(key)}`, Buffer.from(db.get(key) ?? []));
    }
  }
  await root.close();
  return values;
}
