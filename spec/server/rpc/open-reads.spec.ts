import { expect } from 'chai';
import { isRead, OpenReads } from '../../../lib/server/rpc/bare-calls.js';

describe('the reads that are open', () => {
  let begun: string[];
  let reads: OpenReads;
  const [ada, bob] = [{ name: 'a' }, { name: 'b' }];

  beforeEach(() => {
    begun = [];
    reads = new OpenReads({ readsOpenPerConnectionMax: 2 });
  });

  const enter = (connection: { readonly name: string }, number: number) =>
    reads.enter(connection, () => begun.push(`${connection.name}${number}`));

  it('are so many of each connection, and its others begin as these end, in order [P12]', () => {
    const [first, , third] = [1, 2, 3, 4, 5].map((number) => enter(ada, number));
    enter(bob, 1);
    expect(begun.splice(0)).to.deep.equal(['a1', 'a2', 'b1']);
    first?.();
    expect(begun.splice(0)).to.deep.equal(['a3']);
    first?.();
    third?.();
    expect(begun.splice(0)).to.deep.equal(['a4']);
  });

  it('do not include one that was given up while it waited', () => {
    const [first, , third] = [1, 2, 3, 4].map((number) => enter(ada, number));
    third?.();
    first?.();
    expect(begun).to.deep.equal(['a1', 'a2', 'a4']);
  });

  it('are the calls that only read, not streams, messages, leaves or other services', () => {
    const paths = ['ReadHistory', 'ListRooms', 'ListParticipants', 'Chat', 'Subscribe', 'Publish', 'Leave'];
    expect(paths.filter((path) => isRead(`/chit.v1.ChatService/${path}`))).to.deep.equal(paths.slice(0, 3));
    expect([undefined, '/grpc.health.v1.Health/Check', '/ReadHistory'].some(isRead)).to.equal(false);
  });
});
