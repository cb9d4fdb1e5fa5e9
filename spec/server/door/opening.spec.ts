import { expect } from 'chai';
import fc from 'fast-check';
import { openingOf } from '../../../lib/server/door/opening.js';

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const openingOfText = (text: string) => openingOf(Buffer.from(text, 'latin1'));

describe('the opening of a connection', () => {
  it('is HTTP/2 once the whole preface is there, whatever follows', () => {
    expect(openingOfText(preface)).to.equal('http2');
    expect(openingOfText(`${preface}\0\0\0\x04`)).to.equal('http2');
  });

  it('is open for each part of the preface', () => {
    for (let length = 0; length < preface.length; length += 1) {
      expect(openingOfText(preface.slice(0, length)), `${length} bytes`).to.equal(undefined);
    }
  });

  it('is HTTP/1 from a method and a space on', () => {
    for (const line of ['GET / HTTP/1.1', 'POST /x', 'PUT ', 'PRI / HTTP/1.1', 'OPTIONS * HTTP/1.1']) {
      expect(openingOfText(line), line).to.equal('http1');
    }
    expect(openingOfText('DELET')).to.equal(undefined);
  });

  it('is something else for all other bytes', () => {
    for (const bytes of [
      '\x16\x03\x01',
      'get / HTTP/1.1',
      '\0',

      'G3T ',
      'ABCDEFGHIJKLMNOPQ',
      'GET\r\n',
    ]) {
      expect(openingOfText(bytes), bytes).to.equal('other');
    }
  });

  it('is never open for more bytes than a preface has, so that nothing gathers [P12]', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: preface.length, maxLength: 64 }), (bytes) => {
        expect(openingOf(Buffer.from(bytes))).not.to.equal(undefined);
      }),
    );
  });

  it('does not change its mind when more bytes come', () => {
    const begun = fc.constantFrom(
      ...Array.from(preface, (_, length) => preface.slice(0, length)),
      'GET',
      'POST /',
      'x',
    );
    fc.assert(
      fc.property(begun, fc.string({ unit: 'binary' }), (start, rest) => {
        const first = openingOfText(start);
        if (first) expect(openingOfText(start + rest)).to.equal(first);
      }),
    );
  });
});
