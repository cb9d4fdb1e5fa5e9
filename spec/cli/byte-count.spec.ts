import { expect } from 'chai';
import { InvalidArgumentError } from 'commander';
import { byteCount } from '../../lib/cli/arguments.js';

describe('A number of bytes', () => {
  for (const [text, bytes] of [
    ['1B', 1],
    ['500KB', 512_000],
    ['64mb', 67_108_864],
    ['1.5 GB', 1_610_612_736],
  ] as const) {
    it(`is ${bytes} as ${text}`, () => expect(byteCount(text)).to.equal(bytes));
  }

  for (const text of ['', '0KB', '5', '-1MB', '1TB', '1e3KB', '99999999999GB']) {
    it(`is not “${text}”`, () => expect(() => byteCount(text)).to.throw(InvalidArgumentError, '64MB'));
  }
});
