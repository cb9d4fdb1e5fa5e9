import { hash } from 'node:crypto';

/** `#sha256` in Node (package.json, "imports"): SHA-256 of some bytes, or of a string's UTF-8, as 64 hex digits. */
export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}
