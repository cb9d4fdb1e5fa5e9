import { expect } from 'chai';
import { roomOfSession, sessionId, sessionTag } from '../../lib/core/session-id.js';

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

  it('is in log records by a tag that does not give it away [T4]', () => {
    const session = sessionId('lobby', Buffer.alloc(16, 7));
    expect(sessionTag(session)).to.match(/^[0-9a-f]{12}$/);
    expect(sessionTag(session)).to.equal(sessionTag(session));
    expect(sessionTag(session)).not.to.equal(sessionTag(sessionId('lobby', Buffer.alloc(16, 8))));
    // printf lobby:session | sha256sum | cut -c1-12
    expect(sessionTag('lobby:session')).to.equal('9f4820d9caf6');
  });
});
