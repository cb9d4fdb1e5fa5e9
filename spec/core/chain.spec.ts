import { expect } from 'chai';
import { type ChainLink, chainBytes, chainStart, nextChain } from '../../lib/core/chain.js';

const joined: ChainLink = { sequence: 1, lamport: 2, seen: 0, kind: 'joined', participant: 'Ada', text: '' };

/** The bytes laid by hand from the words of chat.proto. */
const joinedBytes = [
  '0000000000000000', // previous chain
  '0000000000000001', // sequence
  '0000000000000002', // lamport
  '0000000000000000', // seen
  '01', // joined
  '00000003', // byte length of participant
  '416461', // Ada
  '00000000', // byte length of text
].join('');

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('The chain', () => {
  it('hashes the fields that chat.proto lists, in its order [P1]', () => {
    expect(hex(chainBytes(chainStart, joined))).to.equal(joinedBytes);
  });

  it('is the first 8 bytes of SHA-256, in hex [P1]', () => {
    // printf of the bytes above | xxd -r -p | sha256sum | cut -c1-16
    expect(nextChain(chainStart, joined)).to.equal('53bc15ece03e65e8');
  });

  it('goes on from the previous chain, with byte lengths of UTF-8 and numbers of 64 bits', () => {
    const message: ChainLink = {
      sequence: 2 ** 32 + 5,
      lamport: Number.MAX_SAFE_INTEGER,
      seen: 1,
      kind: 'message',
      participant: 'Bo',
      text: 'ü🎉',
    };
    const bytes = [
      'fedcba9876543210',
      '0000000100000005',
      '001fffffffffffff',
      '0000000000000001',
      '02',
      '00000002',
      '426f',
      '00000006',
      'c3bcf09f8e89',
    ].join('');
    expect(hex(chainBytes('fedcba9876543210', message))).to.equal(bytes);
  });

  it('lays out texts of any length, each anew', () => {
    const long: ChainLink = { ...joined, kind: 'message', text: 'ü'.repeat(5_000) };
    const bytes = chainBytes(chainStart, long);
    expect(bytes).to.have.length(44 + 10_000);
    expect(hex(chainBytes(chainStart, joined))).to.equal(joinedBytes);
    expect(hex(bytes.subarray(-10_000)), 'what was laid out before stays').to.equal('c3bc'.repeat(5_000));
  });

  it('takes half of a surrogate pair for U+FFFD, as every encoder of UTF-8 does', () => {
    expect(hex(chainBytes(chainStart, { ...joined, text: '\ud800' })).slice(-6)).to.equal('efbfbd');
  });

  it('differs when any field does [P1]', () => {
    const others: ChainLink[] = [
      { ...joined, sequence: 2 },
      { ...joined, lamport: 3 },
      { ...joined, seen: 1 },
      { ...joined, kind: 'left' },
      { ...joined, kind: 'message' },
      { ...joined, participant: 'Ad', text: 'a' },
      { ...joined, text: 'x' },
    ];
    const chains = [joined, ...others].map((link) => nextChain(chainStart, link));
    chains.push(nextChain('0000000000000001', joined));
    expect(new Set(chains).size).to.equal(chains.length);
  });
});
