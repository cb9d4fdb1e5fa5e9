import { expect } from 'chai';
import { framesIn, frameTypes, preface } from '../server/rpc/http2-frames.js';
import { hostileConnection } from './hostile-connection.js';

describe('hostileConnection', () => {
  const connections = Array.from({ length: 3000 }, (_, number) => hostileConnection(7, number));

  it('is the same for the same seed and number, and another for others', () => {
    expect(hostileConnection(7, 2999)).to.deep.equal(connections[2999]);
    expect(hostileConnection(8, 2999)).not.to.deep.equal(connections[2999]);
    const sent = connections.map(({ packets }) => packets.map(({ bytes }) => bytes.toString('hex')).join());
    expect(new Set(sent).size).to.be.greaterThan(2900);
  });

  it('sends frames of each type, at each moment, and ends in each way', () => {
    const sent = connections.map(({ packets }) => Buffer.concat(packets.map(({ bytes }) => bytes)));
    const begun = sent.filter((bytes) => bytes.subarray(0, preface.length).equals(preface));
    expect(begun.length, 'most begin as they should').to.be.greaterThan(2700);
    const types = new Set(
      begun.flatMap((bytes) => framesIn(bytes.subarray(preface.length)).frames.map(({ type }) => type)),
    );
    expect([...types]).to.include.members([...Object.values(frameTypes), 0xfa]);
    const moments = new Set(connections.flatMap(({ packets }) => packets.map(({ moment }) => moment)));
    expect(moments).to.deep.equal(new Set(['at-once', 'next-turn', '1-ms', '2-ms', 'answered']));
    const endings = new Set(connections.map(({ ending }) => ending));
    expect(endings).to.deep.equal(new Set(['waits-for-the-server', 'ends', 'resets']));
  });

  it('cuts packets within frames too, and sends several frames in one', () => {
    const frames = (bytes: Buffer) => framesIn(bytes.subarray(0)).length === bytes.length;
    const packets = connections.flatMap((one) => one.packets.slice(1).map(({ bytes }) => bytes));
    expect(packets.filter((bytes) => bytes.length > 0 && !frames(bytes)).length).to.be.greaterThan(1000);
    expect(packets.filter((bytes) => framesIn(bytes).frames.length > 2).length).to.be.greaterThan(1000);
  });
});
