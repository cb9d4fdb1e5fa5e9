import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { decodeEvent, encodeEvent } from '../../../../lib/codec/event-codec.js';
import type { EncodedEntry } from '../../../../lib/server/log/event-log.js';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import { Random } from '../../../simulation/random.js';
import { comparable, RoomScript, recoveredState } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';
import { usedBytes } from '../used-bytes.js';
import type { StoreContent } from './flipped-store.js';

const program = fileURLToPath(new URL('flipped-store.ts', import.meta.url));
const positions = 150;

describe('A store in which a bit is flipped', () => {
  const newDirectory = temporaryDirectories();
  let pristine: string;
  let contentFile: string;
  let bits: string[];

  /** Three rooms, one of them with a long history, with snapshots. */
  beforeEach(async () => {
    const directory = newDirectory();
    const log = LmdbLog.open(directory, { decode: decodeEvent, durability: 'process', growthBytes: 1 });
    const onWire = (entry: EncodedEntry) => ({ ...entry, bytes: encodeEvent(entry.event) });
    for (const [room, count] of [
      ['annex', 30],
      ['lobby', 500],
      ['zoo', 5],
    ] as const) {
      const script = new RoomScript(room);
      await log.append(script.group([script.join('Ada', true), script.join('Bob')].map(onWire)));
      for (let at = 0; at < count; at += 25) {
        const entries = script.talk(at % 2 === 0 ? 'Ada' : 'Bob', 25, `what is said at ${at}`);
        await log.append(script.group(entries.map(onWire), { snapshot: at % 100 === 0 }));
      }
    }
    const heads = log.heads();
    const events: Record<string, string[]> = {};
    const states: Record<string, unknown> = {};
    for (const { room, place } of heads) {
      events[room] = [];
      states[room] = comparable(recoveredState(log, room));
      for (let after = 0; after < place.sequence; after += 1) {
        events[room].push(log.read(room, after, 1)?.bytes.toString('base64') ?? '');
      }
    }
    await log.close();
    pristine = join(directory, 'data.mdb');
    const used = await usedBytes(directory);
    contentFile = join(newDirectory(), 'content.json');
    writeFileSync(contentFile, JSON.stringify({ heads, events, states } satisfies StoreContent));
    writeFileSync(pristine, readFileSync(pristine).subarray(0, used));
    const random = new Random(10);
    bits = Array.from({ length: positions }, () => String(random.between(0, used * 8 - 1)));
  });

  /** What came of each bit, by the bit; `died` where the process did. */
  function outcomes(checkBytesMax: string): Map<string, string> {
    const found = new Map<string, string>();
    let open = bits;
    while (open.length > 0) {
      const directory = newDirectory();
      const run = (args: readonly string[]) =>
        spawnSync(process.execPath, ['--import', 'tsx', program, pristine, directory, contentFile, ...args], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
      const { stdout, signal, status } = run([checkBytesMax, ...open]);
      for (const line of stdout.split('\n')) {
        const [, bit, outcome] = /^(\d+) (.*)$/.exec(line) ?? [];
        if (bit !== undefined && outcome !== undefined) found.set(bit, outcome);
      }
      const next = open.findIndex((bit) => !found.has(bit));
      if (next < 0) break;
      expect(signal ?? status, `the process ends at bit ${open[next]} only by LMDB's fault`).not.to.equal(0);
      const again = run([checkBytesMax, 'again']).stdout;
      found.set(open[next] as string, `died, then ${/^again (.*)$/m.exec(again)?.[1] ?? 'died again'}`);
      open = open.slice(next + 1);
    }
    return found;
  }

  for (const [what, checkBytesMax] of [
    ['is looked at as a whole at each start', ''],
    ['is too large for that: only after the process has died of it', '1'],
  ] as const) {
    it(`is never served as good, where its file ${what}`, async function () {
      this.timeout(300_000);
      const counts = new Map<string, number>();
      const wrong: string[] = [];
      for (const [bit, outcome] of outcomes(checkBytesMax)) {
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        const expected = checkBytesMax
          ? /^(exact|told|refused|died, then (refused|told|exact))$/
          : /^(exact|told|refused)$/;
        if (!expected.test(outcome)) wrong.push(`bit ${bit}: ${outcome}`);
      }
      process.stdout.write(`      ${[...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}\n`);
      expect(wrong).to.deep.equal([]);
      expect([...counts.values()].reduce((sum, count) => sum + count, 0)).to.equal(new Set(bits).size);
      expect(counts.get('told') ?? 0, 'damage of what is stored').to.be.greaterThan(20);
    });
  }
});
