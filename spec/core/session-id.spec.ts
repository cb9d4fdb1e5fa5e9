import { expect } from 'chai';
import { roomOfSession, sessionId } from '../../lib/core/session-id.js';

describe('A session id', () => {
  it('names its room and holds the secret', () => {
    const id = sessionId('lobby', Buffer.alloc(16, 0xff));
    expect(id).to.equal('lobby:_____________________w');
    expect(roomOfSession(id)).to.equal('lobby');
  });

  it('names no room where it is none', () => {
    const wrong = [
      '',
      'lobby',
      'lobby:',
      'lobby:short',
      ':_____________________w',
      `lobby:${'a'.repeat(23)}`,
      `Lobby:${'a'.repeat(22)}`,
    ];
    for (const id of wrong) expect(roomOfSession(id), id).to.equal(undefined);
  });
});
