import protobuf from 'protobufjs/minimal.js';
import type { Rejection } from '../core/rejection.js';
import { decodeRejection, encodeRejection } from './responses.js';

const rejectionTypeUrl = 'type.googleapis.com/chit.v1.Rejection';

/** The trailing metadata key under which gRPC carries a google.rpc.Status. */
export const statusDetailsKey = 'grpc-status-details-bin';

/**
 * A rejection as the `grpc-status-details-bin` of its status: a google.rpc.Status (1 code, 2 message, 3 details) with
 * one google.protobuf.Any (1 type_url, 2 value), as
 * https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto has it.
 */
export function encodeStatusDetails(code: number, rejection: Rejection): Buffer {
  const any = protobuf.Writer.create().uint32(0x0a).string(rejectionTypeUrl);
  const details = any.uint32(0x12).bytes(encodeRejection(rejection)).finish();
  const status = protobuf.Writer.create().uint32(0x08).int32(code).uint32(0x12).string(rejection.detail);
  return Buffer.from(status.uint32(0x1a).bytes(details).finish());
}

/** The rejection among a status's details, or undefined where they hold none. Throws if `bytes` is no such status. */
export function decodeStatusDetails(bytes: Uint8Array): Rejection | undefined {
  for (const details of fieldBytes(bytes, 3)) {
    const [typeUrl] = fieldBytes(details, 1);
    const [value] = fieldBytes(details, 2);
    if (typeUrl && value && Buffer.from(typeUrl).toString() === rejectionTypeUrl) return decodeRejection(value);
  }
  return undefined;
}

/** The length-delimited values of field `number`, in order. */
function* fieldBytes(message: Uint8Array, number: number): Generator<Uint8Array> {
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === ((number << 3) | 2)) yield reader.bytes();
    else reader.skipType(tag & 7);
  }
}
