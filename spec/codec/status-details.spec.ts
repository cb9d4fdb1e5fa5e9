import { expect } from 'chai';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { decodeStatusDetails, encodeStatusDetails } from '../../lib/codec/status-details.js';
import { rejection as rejectionFor } from '../../lib/core/rejection.js';
import { rejection } from './arbitrary.js';
import { onTheWire, rawField } from './wire.js';

/** google.rpc.Status and google.protobuf.Any as their owner writes them. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Any { string type_url = 1; bytes value = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
`);
const Status = root.lookupType('Status');

describe('The details of a status', () => {
  it('are a google.rpc.Status with the rejection in it, as another program reads it', () => {
    const refusal = rejectionFor('NAME_TAKEN', 0, 0);
    const status = Status.toObject(Status.decode(encodeStatusDetails(6, refusal)));
    const [any] = status.details as { typeUrl: string; value: Uint8Array }[];
    expect(status).to.include({ code: 6, message: refusal.detail });
    expect(any?.typeUrl).to.equal('type.googleapis.com/chit.v1.Rejection');
    expect(onTheWire('Rejection', any?.value as Uint8Array)).to.deep.equal({
      reason: 'REJECTION_REASON_NAME_TAKEN',
      ordinal: '0',
      detail: refusal.detail,
      retry_after_ms: 0,
    });
  });

  it('give back every rejection that was put in', () => {
    fc.assert(
      fc.property(rejection, fc.integer({ min: 1, max: 16 }), (one, code) => {
        expect(decodeStatusDetails(encodeStatusDetails(code, one))).to.deep.equal(one);
      }),
    );
  });

  it('are searched for the rejection among others', () => {
    const one = rejectionFor('READ_ONLY', 3, 1_000);
    const other = Status.encode({
      code: 14,
      details: [{ typeUrl: 'type.googleapis.com/x.Other', value: Buffer.from('?') }],
    });
    const both = Buffer.concat([Buffer.from(other.finish()), encodeStatusDetails(14, one)]);
    expect(decodeStatusDetails(both)).to.deep.equal(one);
  });

  it('are undefined where there is no rejection in them', () => {
    expect(decodeStatusDetails(Buffer.alloc(0))).to.equal(undefined);
    expect(decodeStatusDetails(Buffer.from(Status.encode({ code: 5, message: 'no' }).finish()))).to.equal(undefined);
    expect(decodeStatusDetails(rawField(3, Buffer.alloc(0)))).to.equal(undefined);
  });

  it('throw where they are cut short', () => {
    const bytes = encodeStatusDetails(6, rejectionFor('NAME_TAKEN'));
    expect(() => decodeStatusDetails(bytes.subarray(0, bytes.length - 1))).to.throw();
  });
});
