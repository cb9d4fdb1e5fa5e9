import { expect } from 'chai';
import { Presence } from '../../lib/client/presence.js';
import { ScriptedRoom } from './scripted-room.js';

describe('Presence', () => {
  it('keeps a list up with what follows, in the order of joining', () => {
    const room = new ScriptedRoom();
    const presence = new Presence([], 0);
    for (const event of [room.join('Ada'), room.join('Bob'), room.say('Bob', 'hi', 1), room.join('Cyd')]) {
      presence.take(event);
    }
    expect(presence.names).to.deep.equal(['Ada', 'Bob', 'Cyd']);
    presence.take(room.leave('Ada'));
    presence.take(room.join('Ada'));
    expect(presence.names).to.deep.equal(['Bob', 'Cyd', 'Ada']);
  });

  it('is not changed by what the list knows already', () => {
    const room = new ScriptedRoom();
    const before = [room.join('Ada'), room.join('Bob'), room.leave('Ada')];
    const presence = new Presence(['Bob'], 3);
    for (const event of before) presence.take(event);
    expect(presence.names).to.deep.equal(['Bob']);
    presence.take(room.leave('Bob'));
    expect(presence.names).to.deep.equal([]);
  });
});
