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

  it('holds no more of what was read than a message may have', () => {
    const read = Buffer.alloc(10_000);
    const message = framed(Buffer.from('hello'));
    message.copy(read, 5_000);
    const part = read.subarray(5_000, 5_000 + message.length);
    const [small] = new MessageDecoder(10_000).write(part);
    const [copied] = new MessageDecoder(9_999).write(part);
    expect([small, copied].map((one) => one?.toString('hex'))).to.deep.equal(Array(2).fill(message.toString('hex')));
    expect([small?.buffer === read.buffer, copied?.buffer === read.buffer]).to.deep.equal([true, false]);
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
