import { expect } from 'chai';
import { House } from './house.js';

/**
 * What in a message is no data but stands for something that is reached by it: an actor's address, the cursor's way into the
 * room, where a stream comes from, a fault.
 */
const references = new Set(['replyTo', 'stream', 'connection', 'events', 'origin', 'error']);

/** Where in `value` there is something that could neither be logged nor sent elsewhere. */
function closuresIn(value: unknown, path: string): string[] {
  if (typeof value === 'function') return [path];
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return [];
  return Object.entries(value).flatMap(([name, part]) => {
    // A session's room is an address, elsewhere `room` is a name.
    const isAddress = references.has(name) || (name === 'room' && typeof part === 'object');
    return isAddress ? [] : closuresIn(part, `${path}.${name}`);
  });
}

describe('What actors tell each other', () => {
  let house: House;

  afterEach(() => house.close());

  it('is data and addresses, so that each message could be logged or sent elsewhere', async () => {
    house = new House({ graceMs: 20, readOnlyMs: 5, lingerMsMax: 20 });
    const ada = await house.visit('Ada', { resumable: true, history: 3 });
    const bob = await house.visit('Bob');
    ada.publish('one', 1);
    bob.publish('', 1);
    await house.publish(bob.welcome.session, 'two', 2);
    await house.until('two', () => ada.events.some((event) => event.kind === 'message' && event.text === 'two'));
    house.join('Bob');
    // Refused, failed over, resumed, left, lost, and at last stopped.
    house.log.appendFaults.push('before');
    ada.publish('three', 2);
    await house.until('a restart', () => house.logged('room-failed').length > 0);
    house.log.unwritable = true;
    bob.tell({ kind: 'half-closed' });
    await house.until('an owed leave', () => house.logged('log-unwritable').length > 0);
    house.log.unwritable = false;
    const { session, logId } = ada.welcome;
    house.join('', { resume: { session, logId, sequence: 1, chain: 'f'.repeat(16) } });
    ada.gone();
    await house.until('the end of the grace', () => house.lefts('Ada').length === 1);
    await house.history('lobby', 0);
    await house.participants('lobby');
    await house.rooms();
    await house.server.repair();
    await house.server.stop();

    const told = new Set(house.messages.map(({ actor, message }) => `${actor.split(' ')[0]} ${message.kind}`));
    expect([...told]).to.include.members([
      ...['server submit', 'server resume', 'server request', 'server ended', 'server stop', 'server room-closed'],
      ...[
        'room submit',
        'room lost',
        'room expired',
        'room retry-leave',
        'room end-orphans',
        'room restart',
        'room close',
      ],
      ...['connection join', 'connection publish', 'connection answered', 'connection left', 'connection gone'],
    ]);
    for (const { actor, message } of house.messages) {
      expect(closuresIn(message, message.kind), `what was told to the ${actor}`).to.deep.equal([]);
    }
  });

  it('is from a session to its room directly, once that has let it in', async () => {
    house = new House();
    const ada = await house.visit('Ada');
    const before = house.messages.length;
    ada.publish('one', 1);
    const actors = house.messages.slice(before).map(({ actor, message }) => `${actor} ${message.kind}`);
    expect(actors).to.deep.equal(['connection fake:1 publish', 'room lobby submit']);
  });
});
