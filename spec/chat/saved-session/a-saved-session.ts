import type { SavedSession } from '../../../lib/client/chat-client.js';

/** Some saved session. */
export const saved: SavedSession = {
  server: '127.0.0.1:4000',
  room: 'lobby',
  name: 'ada',
  session: 'lobby:AAAAAAAAAAAAAAAAAAAAAA',
  logId: '0b3c4a5e-7e5b-4a55-9d0b-1f1d3f0a7c11',
  sequence: 7,
  chain: '0123456789abcdef',
  ordinal: 3,
  lamport: 19,
};
