import { fileURLToPath } from 'node:url';
import { loadSync, type MessageTypeDefinition, type ServiceDefinition } from '@grpc/proto-loader';
import { StrictReader } from './wire-types.js';

/** The contract [S1], beside the sources and, at the same depth, beside the compiled program. */
const file = fileURLToPath(new URL('../../proto/chit/v1/chat.proto', import.meta.url));

/** The contract as loaded: for the service, and for reflection. uint64 comes as decimal text, so nothing is rounded. */
export const contract = loadSync(file, { longs: String, enums: String, defaults: true, oneofs: true });

export const serviceName = 'chit.v1.ChatService';

/** The service's methods by name. */
export const chatService = contract[serviceName] as ServiceDefinition;

/** Both directions of one message of the contract. */
export interface MessageCodec {
  /** Fields that the contract does not have are not noticed: callers pass what their types allow. */
  encode(fields: object): Buffer;
  /** Throws if `bytes` is no encoding of the message. A string that is not UTF-8 comes back as `notUtf8`. */
  decode(bytes: Uint8Array): Record<string, unknown>;
}

/** The codec of the contract's message `name`. */
export function messageCodec(name: string): MessageCodec {
  const message = contract[`chit.v1.${name}`] as MessageTypeDefinition<object, Record<string, unknown>>;
  return {
    encode: (fields) => message.serialize(fields),
    // The generated decoder takes a reader as well as bytes; proto-loader's types only know of the latter.
    decode: (bytes) => message.deserialize(new StrictReader(bytes) as unknown as Buffer),
  };
}
