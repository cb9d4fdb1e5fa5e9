import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { VisitOver } from '../../lib/client/errors.js';
import { encodeEvent } from '../../lib/codec/event-codec.js';
import { encodeFarewell } from '../../lib/codec/responses.js';
import type { RoomEvent } from '../../lib/core/event.js';
import { faultOf } from './promised.js';
import { scriptedSessions } from './scripted-session.js';

describe('A session', () => {
  const joined = scriptedSessions();

  describe('ends and cancels the stream', () => {
    const faults: Record<string, (events: readonly RoomEvent[]) => readonly RoomEvent[]> = {
      'at a gap [P3]': (events) => events.slice(1),
      'at a duplicate [P3]': ([first]) => [first, first] as RoomEvent[],
      'at events that changed places [P2]': ([first, second]) => [second, first] as RoomEvent[],
      'at a text that its chain does not vouch for [P1]': ([first]) => [{ ...first, text: 'two' } as RoomEvent],
      'at a chain that does not go on from the one before [P1]': ([first]) => [
        { ...first, chain: '0123456789abcdef' } as RoomEvent,
      ],
    };
    for (const [fault, broken] of Object.entries(faults)) {
      it(fault, async () => {
        const { client, room, stream, seen, reason } = await joined();
        client.publish('mine').catch(() => {});
        const events = [room.say('Ada', 'a', 1), room.say('Ada', 'b', 2), room.say('Ada', 'c', 3)];
        const good = seen.length;
        stream.events(...broken(events));
        await stream.ended();
        expect(await reason()).to.match(/out of order, or with another history/);
        expect(seen.length, 'nothing beyond the fault').to.be.at.most(good + 1);
        expect(seen).to.deep.equal(room.events.slice(0, seen.length));
      });
    }

    it('and tells those who wait', async () => {
      const { client, room, stream, seen } = await joined((before) => before.join('Bob'));
      const wait = client.publish('mine');
      room.say('Bob', 'lost', 1);
      stream.events(room.say('Bob', 'after it', 2));
      expect(await faultOf(wait)).to.be.instanceOf(VisitOver);
      expect(seen.map(({ sequence }) => sequence)).to.deep.equal([2]);
    });

    it('where the server sends what is no response', async () => {
      const { stream, reason } = await joined();
      stream.send(Buffer.from([0xff, 0xff, 0xff]));
      expect(await reason()).to.include('The connection is lost');
      await stream.ended();
    });
  });

  describe('is ended by its server', () => {
    const farewells = { SERVER_STOPPING: 'stopping', REMOVED: 'removed', TAKEN_OVER: 'elsewhere' } as const;
    for (const [why, words] of Object.entries(farewells)) {
      it(`with a farewell: ${why}`, async () => {
        const { room, stream, seen, reason } = await joined();
        stream.send(
          encodeEvent(room.say('Ada', 'the last', 1)),
          encodeFarewell({ reason: why as keyof typeof farewells, resume: false }),
        );
        stream.fail(status.UNAVAILABLE);
        expect(await reason()).to.include(words);
        expect(seen, 'what came with it is not lost').to.deep.equal(room.events);
      });
    }

    it('without one', async () => {
      const { stream, reason } = await joined();
      stream.end();
      expect(await reason()).to.equal('The server ended the visit. Join anew.');
    });

    it('and tells also those who ask later', async () => {
      const { client, stream, end } = await joined();
      stream.end();
      const status = await end();
      expect(await firstValueFrom(client.status$)).to.deep.equal(status);
      expect(await lastValueFrom(client.events$, { defaultValue: 'completed' })).to.equal('completed');
    });
  });
});
