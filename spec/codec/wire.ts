import protobuf from 'protobufjs';

/**
 * The contract as another program would read it: by protobufjs's own parser, and with nothing of ours between. Its JSON
 * names every field that is there, so a field that our codec forgot or misspelt is missing in it.
 */
const root = new protobuf.Root();
root.loadSync(new URL('../../proto/chit/v1/chat.proto', import.meta.url).pathname, { keepCase: true });

export function messageType(name: string): protobuf.Type {
  return root.lookupType(`chit.v1.${name}`);
}

/** What is in `bytes`, by the contract's own names: numbers as decimal text, enums by name, no defaults filled in. */
export function onTheWire(name: string, bytes: Uint8Array): Record<string, unknown> {
  const type = messageType(name);
  return type.toObject(type.decode(bytes), { longs: String, enums: String });
}

/** The encoding of what another program would send. */
export function fromTheWire(name: string, content: object): Buffer {
  const type = messageType(name);
  return Buffer.from(type.encode(type.fromObject(content)).finish());
}

/** All scalar and message fields of a message, by the contract. */
export function fieldsOf(name: string): string[] {
  return Object.keys(messageType(name).fields);
}

export function enumNames(name: string): string[] {
  return Object.keys(root.lookupEnum(`chit.v1.${name}`).values);
}

/** A field of bytes, as a string field of that number carries them. */
export function rawField(number: number, bytes: Uint8Array): Buffer {
  return Buffer.from(
    protobuf.Writer.create()
      .uint32((number << 3) | 2)
      .bytes(bytes)
      .finish(),
  );
}
