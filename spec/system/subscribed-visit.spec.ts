import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { ClientProcess } from './client-process.js';
import { endedAfterEach } from './endings.js';
import { RawCaller } from './raw-caller.js';
import { expectStatus, refusal } from './refusal.js';
import { ServerProcess } from './server-process.js';
import { expectUnbroken, transcript } from './transcript.js';

describe('a visit by Subscribe, Publish and Leave, for callers without bidirectional streams', () => {
  const endings = endedAfterEach();

  it('is told what a Chat is told, speaks and leaves by calls, each answered with its event [S1] [S3] [S4] [S5] [S6]', async () => {
    const server = await ServerProcess.start(endings);
    const ada = await ClientProcess.joined(endings, server.address, { name: 'Ada' });
    ada.say('before Bob');
    await ada.heard('before Bob');
    const caller = new RawCaller(endings, server.address);
    const bob = caller.subscribe({ name: 'Bob', history: 1 });
    const welcome = await bob.joined();
    expect(welcome).to.deep.include({
      room: 'lobby',
      participants: ['Ada'],
      textLengthMax: 128,
      resumed: false,
      newest: 2,
    });
    const { event } = await caller.publish(welcome.session, 'Bob by a call', 1, 100);
    expect(event).to.deep.include({ kind: 'message', participant: 'Bob', text: 'Bob by a call', lamport: 101 });
    await ada.heard('Bob by a call');
    expect(await bob.heard('Bob by a call')).to.deep.equal(event);
    ada.say('Ada by a stream');
    await bob.heard('Ada by a stream');
    const left = await caller.leave(welcome.session, 200);
    expect(left).to.deep.include({ kind: 'left', participant: 'Bob', reason: 'ASKED', lamport: 201 });
    expect(await bob.ended()).to.include({ code: status.OK });
    await ada.told('left', 'Bob');
    // To the end, and no further.
    expectUnbroken(bob.events, welcome);
    expect(bob.events.at(-1)).to.deep.equal(left);
    expect(transcript(bob.events)).to.deep.equal(transcript(ada.events.slice(-bob.events.length)));
    expectStatus(await refusal(caller.publish(welcome.session, 'late', 2)), status.NOT_FOUND, 'SESSION_UNKNOWN', 2);
  });

  it('lets a Chat be spoken for and left by calls too, for it is the session that counts [S3] [S6]', async () => {
    const server = await ServerProcess.start(endings);
    const caller = new RawCaller(endings, server.address);
    const other = new RawCaller(endings, server.address);
    const chat = caller.chat();
    const { session } = await chat.join('Ada');
    const { event } = await other.publish(session, 'from elsewhere', 1);
    expect(await chat.heard('from elsewhere')).to.deep.equal(event);
    const left = await other.leave(session);
    expect(await chat.ended()).to.include({ code: status.OK });
    expect(chat.events.at(-1)).to.deep.equal(left);
  });

  it('ends with its stream: a subscriber whose connection is lost has left [S6] [P8]', async () => {
    const server = await ServerProcess.start(endings);
    const witness = new RawCaller(endings, server.address).chat();
    await witness.join('Witness');
    const caller = new RawCaller(endings, server.address);
    const bob = caller.subscribe({ name: 'Bob' });
    const { session } = await bob.joined();
    bob.cancel();
    const left = await witness.event('Bob left', ({ kind }) => kind === 'left');
    expect(left).to.include({ participant: 'Bob', reason: 'CONNECTION_LOST' });
    expectStatus(await refusal(caller.publish(session, 'late', 1)), status.NOT_FOUND, 'SESSION_UNKNOWN', 1);
  });
});
