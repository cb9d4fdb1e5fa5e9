import { expect } from 'chai';
import { LineFeed } from '../../../lib/chat/terminal/line-feed.js';
import { type Line, noticeLine } from '../../../lib/display/line.js';

const limits = { frameMs: 60_000, linesWaitingMax: 100, linesKeptMax: 10 };
const texts = (lines: readonly Line[]) => lines.map(({ spans }) => spans[0]?.text.slice(3));

describe('The line feed', () => {
  it('writes a line after a quiet frame at once, and those within the frame together, in order', () => {
    const writes: (string | undefined)[][] = [];
    const feed = new LineFeed((lines) => writes.push(texts(lines)), limits);
    for (const text of ['one', 'two', 'three']) feed.add(noticeLine(text));
    expect(writes).to.deep.equal([['one']]);
    feed.close();
    expect(writes).to.deep.equal([['one'], ['two', 'three']]);
  });

  it('loses no line of a burst and keeps only the newest [P12]', () => {
    const written: (string | undefined)[] = [];
    const feed = new LineFeed((lines) => written.push(...texts(lines)), limits);
    for (let index = 0; index < 12_345; index++) feed.add(noticeLine(`${index}`));
    feed.close();
    expect(written).to.deep.equal(Array.from({ length: 12_345 }, (_, index) => `${index}`));
    expect(texts(feed.kept)).to.deep.equal(Array.from({ length: 10 }, (_, index) => `${12_335 + index}`));
  });

  it('writes at the end of the frame what came within it', async () => {
    let writes = 0;
    await new Promise<void>((resolve) => {
      const feed = new LineFeed(() => ++writes === 2 && resolve(), { ...limits, frameMs: 1 });
      feed.add(noticeLine('one'));
      feed.add(noticeLine('two'));
    });
    expect(writes).to.equal(2);
  });
});
