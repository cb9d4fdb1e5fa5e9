import { expect } from 'chai';
import fc from 'fast-check';
import { decodeRoomsPage } from '../../../lib/codec/responses.js';
import { beginning } from '../../../lib/core/room-state.js';
import type { ServerRequest } from '../../../lib/server/actors/messages.js';
import type { RoomHead } from '../../../lib/server/log/event-log.js';
import { type RoomEncodings, RoomsPage } from '../../../lib/server/service/rooms-page.js';

type ListRooms = Extract<ServerRequest, { kind: 'list-rooms' }>;

const head = (room: string): RoomHead => ({ room, logId: 'log', place: beginning, participants: 1 });

/** A page of these rooms, encoded. */
function pageOf(
  heads: readonly RoomHead[],
  request: { limit: number; after: string },
  { pageBytesMax = 1_000, readEntriesPerTurnMax = 10, encodings = new WeakMap() as RoomEncodings } = {},
): Buffer {
  const ask = (asked: ServerRequest) => {
    const { after, limit, replyTo } = asked as ListRooms;
    replyTo.tell({ rooms: heads.filter(({ room }) => room > after).slice(0, limit) });
  };
  const page = new RoomsPage({ request, limits: { pageBytesMax, readEntriesPerTurnMax }, encodings, ask });
  let bytes: Buffer | undefined;
  for (let more = true; more; ) {
    more = false;
    page.readOn(
      () => {
        more = true;
      },
      (whole) => {
        bytes = whole;
      },
    );
  }
  if (!bytes) throw new Error('no page');
  return bytes;
}

describe('a page of the list of rooms', () => {
  it('is of those that follow, as many as fit, and says whether there are more [P12]', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { maxLength: 20 });
    const limits = fc.record({
      pageBytesMax: fc.integer({ min: 1, max: 200 }),
      readEntriesPerTurnMax: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(names, fc.nat(12), fc.stringMatching(/^[a-z]{0,3}$/), limits, (all, limit, after, some) => {
        const heads = all.sort().map(head);
        const following = heads.filter(({ room }) => room > after);
        let [count, bytes] = [0, 0];
        for (const one of following) {
          const size = pageOf([one], { limit: 0, after: '' }).length;
          if (count > 0 && (bytes + size > some.pageBytesMax || count === (limit || Number.POSITIVE_INFINITY))) break;
          count += 1;
          bytes += size;
        }
        const { rooms, more } = decodeRoomsPage(pageOf(heads, { limit, after }, some));
        expect(rooms.map(({ name }) => name)).to.deep.equal(following.slice(0, count).map(({ room }) => room));
        expect(more).to.equal(count < following.length);
      }),
    );
  });

  it('encodes a room once for each change of it', () => {
    const encodings: RoomEncodings = new WeakMap();
    const heads = ['a', 'b'].map(head);
    pageOf(heads, { limit: 0, after: '' }, { encodings });
    const [first, second] = heads.map((one) => encodings.get(one));
    const changed = { ...(heads[1] as RoomHead), participants: 2 };
    const { rooms } = decodeRoomsPage(pageOf([heads[0] as RoomHead, changed], { limit: 0, after: '' }, { encodings }));
    expect(rooms.map(({ participants }) => participants)).to.deep.equal([1, 2]);
    expect(encodings.get(heads[0] as RoomHead)).to.equal(first);
    expect(encodings.get(changed)).not.to.equal(second);
  });
});
