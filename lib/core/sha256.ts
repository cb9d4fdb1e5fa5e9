/**
 * `#sha256` where there is no node:crypto: SHA-256 (FIPS 180-4, section 6.2) of some bytes, or of a string's UTF-8, as
 * 64 hex digits. In Node, `#sha256` is `../platform/sha256.ts`, which is several times as fast (package.json,
 * "imports").
 */
export function sha256(data: string | Uint8Array): string {
  const message = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  const padded = new DataView(new ArrayBuffer(64 * Math.ceil((message.length + 9) / 64)));
  new Uint8Array(padded.buffer).set(message);
  padded.setUint8(message.length, 0x80);
  padded.setBigUint64(padded.byteLength - 8, 8n * BigInt(message.length));
  const state = Int32Array.from(initialState);
  for (let block = 0; block < padded.byteLength; block += 64) addBlock(state, padded, block);
  return Array.from(new Uint32Array(state.buffer), (word) => word.toString(16).padStart(8, '0')).join('');
}

const schedule = new Int32Array(64);

function addBlock(state: Int32Array, message: DataView, block: number): void {
  for (let t = 0; t < 64; t += 1) schedule[t] = t < 16 ? message.getInt32(block + 4 * t) : scheduled(t);
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let t = 0; t < 64; t += 1) {
    const choice = (e & f) ^ (~e & g);
    const sum = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const first = (h + sum + choice + (roundConstants[t] as number) + (schedule[t] as number)) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const second = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + majority;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state.set([a, b, c, d, e, f, g, h].map((word, index) => word + (state[index] as number)));
}

function scheduled(t: number): number {
  const [w15, w2] = [schedule[t - 15] as number, schedule[t - 2] as number];
  const sigma0 = rotated(w15, 7) ^ rotated(w15, 18) ^ (w15 >>> 3);
  const sigma1 = rotated(w2, 17) ^ rotated(w2, 19) ^ (w2 >>> 10);
  return ((schedule[t - 16] as number) + sigma0 + (schedule[t - 7] as number) + sigma1) | 0;
}

function rotated(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** Of the square roots of the first 8 primes, the first 32 bits of the fraction. */
const initialState = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

/** The same of the cube roots of the first 64 primes. */
const roundConstants = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);
