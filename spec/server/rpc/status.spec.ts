import { readFileSync } from 'node:fs';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { decodeStatusDetails, statusDetailsKey } from '../../../lib/codec/status-details.js';
import { type RejectionReason, rejection, rejectionDetails } from '../../../lib/core/rejection.js';
import { statusOf } from '../../../lib/server/rpc/status.js';

const reasons = Object.keys(rejectionDetails) as RejectionReason[];

/** What the contract says over RejectionReason: "A, B and C are STATUS; D is STATUS." */
function contractCodes(): Map<string, string> {
  const contract = readFileSync(new URL('../../../proto/chit/v1/chat.proto', import.meta.url), 'utf8');
  const comment = /As a gRPC status[^:]*: ([\s\S]*?)\.\nenum RejectionReason/.exec(contract)?.[1] ?? '';
  const codes = new Map<string, string>();
  for (const clause of comment.replace(/\s*\n\/\/\s*/g, ' ').split('; ')) {
    const [names = '', code = ''] = clause.split(/ (?:are|is) /);
    for (const name of names.split(/, | and /)) codes.set(name, code);
  }
  return codes;
}

/** The contract's code for `reason`, which it may name by a pattern such as TEXT_*. */
function contractCode(reason: string): string | undefined {
  const codes = contractCodes();
  return codes.get(reason) ?? codes.get(reason.replace(/_.*/, '_*'));
}

describe('a status', () => {
  it('has for each rejection the code that the contract says [P9]', () => {
    for (const reason of reasons.filter((each) => each !== 'UNSPECIFIED')) {
      const { code } = statusOf({ kind: 'refused', rejection: rejection(reason) });
      expect(status[code], reason).to.equal(contractCode(reason));
    }
  });

  it('carries the whole rejection in its details [P9]', () => {
    for (const reason of reasons) {
      const refused = rejection(reason, 7, 250);
      const { code, details, metadata } = statusOf({ kind: 'refused', rejection: refused });
      const [bytes] = metadata.get(statusDetailsKey);
      expect(decodeStatusDetails(bytes as Buffer)).to.deep.equal(refused);
      expect(details).to.equal(refused.detail);
      expect(code).not.to.equal(status.OK);
    }
  });

  it('tells a fault of the caller’s from one of the server’s, and from an orderly end', () => {
    const codes = (['complete', 'malformed', 'stopping', 'failed'] as const).map((kind) => statusOf({ kind }).code);
    expect(codes).to.deep.equal([status.OK, status.INVALID_ARGUMENT, status.UNAVAILABLE, status.INTERNAL]);
  });

  it('has a well-formed text for every ending, since a lone surrogate in it would end the process', () => {
    for (const reason of reasons) {
      expect(statusOf({ kind: 'refused', rejection: rejection(reason) }).details.isWellFormed()).to.equal(true);
    }
  });
});
