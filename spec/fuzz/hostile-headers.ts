import { headerBlock, hpackInteger, literal, plainString, requestHeaders } from '../server/rpc/http2-frames.js';
import type { Random } from '../simulation/random.js';
import { nearly, noise } from './hostile-messages.js';

/** A header block that begins a call of `path`, in one of the ways of RFC 7541, or nearly. */
export function hostileHeaders(random: Random, path: string, wildness: number): Buffer {
  const plain = headerBlock(requestHeaders(path));
  if (!random.chance(wildness)) return random.chance(0.7) ? plain : indexed(path);
  switch (random.weighted({ bytes: 3, list: 4, extra: 4, instruction: 4, large: 1, noise: 1 })) {
    case 'bytes':
      return nearly(random, plain);
    case 'list':
      return headerBlock(nearlyList(random, requestHeaders(path)));
    case 'extra':
      return Buffer.concat([plain, headerBlock([random.pick(oddHeaders)])]);
    case 'instruction':
      return Buffer.concat(random.chance(0.5) ? [oddInstruction(random), plain] : [plain, oddInstruction(random)]);
    case 'large':
      return Buffer.concat([plain, literal('x-large', 'a'.repeat(random.pick([4_000, 8_300, 15_000])))]);
    case 'noise':
      return noise(random, random.between(0, 80));
  }
}

/** The same, kept in the reader's table as it goes (RFC 7541, section 6.2.1). */
function indexed(path: string): Buffer {
  return Buffer.concat(
    requestHeaders(path).map(([name, value]) =>
      Buffer.concat([Buffer.from([0x40]), plainString(name), plainString(value)]),
    ),
  );
}

/** Headers that gRPC or HTTP/2 has rules for. */
const oddHeaders: readonly (readonly [string, string])[] = [
  ['grpc-timeout', '1n'],
  ['grpc-timeout', '99999999H'],
  ['grpc-timeout', '-1S'],
  ['grpc-timeout', 'soon'],
  ['grpc-encoding', 'gzip'],
  ['grpc-encoding', 'nobody-knows'],
  ['grpc-accept-encoding', 'identity,deflate,gzip'],
  ['content-length', '0'],
  ['content-length', '99999999999999999999'],
  ['content-type', 'application/grpc+proto'],
  ['content-type', 'text/html'],
  ['connection', 'close'],
  ['transfer-encoding', 'chunked'],
  ['te', 'gzip'],
  ['expect', '100-continue'],
  ['host', 'elsewhere'],
  ['cookie', 'a=b; c=d'],
  ['x-bin', '\u00ff\u00fe'],
  ['x-test-bin', '%%%'],
  ['X-Capital', 'a'],
  ['', 'nameless'],
  ['x-empty', ''],
  ['__proto__', 'a'],
  ['constructor', 'a'],
  [':status', '200'],
  [':protocol', 'websocket'],
];

function nearlyList(
  random: Random,
  list: readonly (readonly [string, string])[],
): (readonly [name: string, value: string])[] {
  const at = random.between(0, list.length - 1);
  const one = list[at] as readonly [string, string];
  switch (random.weighted({ without: 3, twice: 2, backwards: 1, value: 3, method: 2 })) {
    case 'without':
      return list.filter((_, index) => index !== at);
    case 'twice':
      return [...list, one];
    case 'backwards':
      return [...list].reverse();
    case 'value':
      return list.with(at, [one[0], random.pick(['', '\0', '\r\n', 'x'.repeat(300), '*', '//'])]);
    case 'method':
      return list.with(0, [':method', random.pick(['GET', 'CONNECT', 'OPTIONS', 'HEAD', 'PRI', ''])]);
  }
}

/** Something that the reader of a header block is told beside headers (RFC 7541, section 6). */
function oddInstruction(random: Random): Buffer {
  switch (random.weighted({ size: 3, index: 3, name: 2, huffman: 3, integer: 1 })) {
    case 'size':
      return hpackInteger(random.pick([0, 1, 4096, 65_536, 2 ** 30]), 5, 0x20);
    case 'index':
      return hpackInteger(random.pick([0, 1, 61, 62, 63, 70, 2 ** 20]), 7, 0x80);
    case 'name':
      return Buffer.concat([hpackInteger(random.pick([1, 31, 62, 90]), 6, 0x40), plainString('value')]);
    case 'huffman': {
      const code = noise(random, random.between(0, 20));
      return Buffer.concat([Buffer.from([0x00]), plainString('x-huffman'), hpackInteger(code.length, 7, 0x80), code]);
    }
    case 'integer':
      return Buffer.from([0xff, ...Array.from({ length: random.between(1, 12) }, () => 0xff), random.between(0, 255)]);
  }
}
