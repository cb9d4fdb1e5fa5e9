import { expect } from 'chai';
import { sessionId } from '../../lib/core/session-id.js';
import { sessionTag } from '../../lib/core/session-tag.js';

describe('sessionTag', () => {
  it('names a session without giving its id away [T4]', () => {
    const session = sessionId('lobby', Buffer.alloc(16, 7));
    expect(sessionTag(session)).to.match(/^[0-9a-f]{12}$/);
    expect(sessionTag(session)).to.equal(sessionTag(session));
    expect(sessionTag(session)).not.to.equal(sessionTag(sessionId('lobby', Buffer.alloc(16, 8))));
  });
});
