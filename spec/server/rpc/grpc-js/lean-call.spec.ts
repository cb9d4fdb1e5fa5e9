import { createRequire } from 'node:module';
import { Metadata } from '@grpc/grpc-js';
import { expect } from 'chai';
import fc from 'fast-check';
import { decodeLean, framed, MessageDecoder } from '../../../../lib/server/rpc/grpc-js/framing.js';
import { dropMetadata } from '../../../../lib/server/rpc/grpc-js/http2-streams.js';

interface Decoder {
  write(data: Buffer): Buffer[];
}

const { StreamDecoder } = createRequire(import.meta.url)('@grpc/grpc-js/build/src/stream-decoder.js') as {
  readonly StreamDecoder: new (messageBytesMax: number) => Decoder;
};

/** What a decoder makes of pieces, up to its fault. */
function decoded(decoder: Decoder, pieces: readonly Buffer[]): string[] {
  const messages: string[] = [];
  try {
    for (const piece of pieces) messages.push(...decoder.write(piece).map((bytes) => bytes.toString('hex')));
  } catch (error) {
    messages.push((error as Error).message);
  }
  return messages;
}

describe('a lean call', () => {
  it('decodes the same messages as grpc-js, however they are cut, and refuses the same', () => {
    const message = fc.uint8Array({ maxLength: 40 }).map((bytes) => framed(Buffer.from(bytes)));
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.nat(60), { maxLength: 60 }), (messages, lengths) => {
        let rest = Buffer.concat(messages);
        const pieces = lengths.map((length) => {
          const piece = rest.subarray(0, length);
          rest = rest.subarray(length);
          return piece;
        });
        pieces.push(rest);
        for (const max of [32, 40]) {
          const theirs = decoded(new StreamDecoder(max), pieces);
          const ours = decoded(new MessageDecoder(max), pieces);
          // A fault costs the messages that came with it in one piece: grpc-js ends the call.
          expect(ours).to.deep.equal(theirs);
        }
      }),
    );
  });

  it('has its decoder, and no headers, in this version of grpc-js', () => {
    const call = { decoder: new StreamDecoder(4), metadata: new Metadata(), trailingMetadata: new Metadata() };
    call.metadata.add('name', 'value');
    decodeLean(call, 4);
    dropMetadata(call);
    expect(call.decoder).to.be.instanceOf(MessageDecoder);
    expect([call.metadata.getMap(), call.trailingMetadata.getMap()]).to.deep.equal([{}, {}]);
    expect(call.metadata).to.equal(call.trailingMetadata);
    const other = {};
    decodeLean(other, 4);
    dropMetadata(other);
    expect(other).to.deep.equal({});
  });
});
