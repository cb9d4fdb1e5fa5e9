import { createHash } from 'node:crypto';

/** The SHA-256 hash of a text's UTF-8, in Base64, as a Content-Security-Policy names a script or style (CSP Level 3, section 2.3.1). */
export function sha256Base64(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
