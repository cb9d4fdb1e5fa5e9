import { expect } from 'chai';
import fc from 'fast-check';
import { type InputLine, inputLines } from '../../../lib/chat/plain/lines.js';

async function linesOf(chunks: readonly (string | Buffer)[], lineBytesMax = 100): Promise<InputLine[]> {
  async function* input() {
    for (const chunk of chunks) yield Buffer.from(chunk as string);
  }
  const lines: InputLine[] = [];
  for await (const line of inputLines(input(), lineBytesMax)) lines.push(line);
  return lines;
}

describe('The lines of standard input', () => {
  it('come without their ends and numbered, empty ones left out but counted', async () => {
    expect(await linesOf(['one\ntwo\r\n\n\r\nfive'])).to.deep.equal([
      { number: 1, text: 'one' },
      { number: 2, text: 'two' },
      { number: 5, text: 'five' },
    ]);
  });

  it('are ended by line feeds alone', async () => {
    expect(await linesOf(['a\u2028b\rc\u0085d'])).to.deep.equal([{ number: 1, text: 'a\u2028b\rc\u0085d' }]);
  });

  it('are the same however the bytes are cut', async () => {
    const bytes = Buffer.from('one\n中文👩‍👩‍👧\r\n\nlast é');
    const whole = await linesOf([bytes]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(await linesOf(chunks)).to.deep.equal(whole);
      }),
    );
  });

  it('that are no UTF-8 are faults: nobody wrote U+FFFD [S3]', async () => {
    const [bad, good] = await linesOf([Buffer.from([0x61, 0xff, 0x0a]), 'good']);
    expect(bad).to.have.property('fault').that.matches(/UTF-8/);
    expect(good).to.deep.equal({ number: 2, text: 'good' });
  });

  it('that are too long are faults and are not held [P12]', async () => {
    const [bad, good] = await linesOf([...Array.from({ length: 50 }, () => 'x'.repeat(50)), '\ngood\n'], 100);
    expect(bad)
      .to.have.property('fault')
      .that.matches(/more than 100 bytes/);
    expect(good).to.deep.equal({ number: 2, text: 'good' });
  });

  it('takes a byte order mark at the beginning for none of the text, and anywhere else for text', async () => {
    const mark = '\uFEFF';
    const texts = async (...chunks: (string | Buffer)[]) =>
      (await linesOf(chunks)).map((line) => ('text' in line ? line.text : line.fault));
    expect(await texts(`${mark}one\n${mark}two\n`)).to.deep.equal(['one', `${mark}two`]);
    expect(await texts(Buffer.from([0xef]), Buffer.from([0xbb, 0xbf]), 'one')).to.deep.equal(['one']);
    expect(await texts(`${mark}\none\n`)).to.deep.equal(['one']);
  });
});
