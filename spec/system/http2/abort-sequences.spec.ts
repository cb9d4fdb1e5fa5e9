import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { itOnEachNode } from '../../nodes/each-node.js';
import { data, frame, frameFlags, frameTypes, goAway, grpcMessage, request } from '../../server/rpc/http2-frames.js';
import { Bystander } from '../bystander.js';
import { endedAfterEach } from '../endings.js';
import { projectFile } from '../project.js';
import { ServerProcess } from '../server-process.js';
import { listRooms } from './frame-case.js';
import { WirePeer } from './wire-peer.js';

/** Bare node:http2 is dead after 2 to 17 of them. */
const connections = 30;

const call = (stream: number): Buffer =>
  Buffer.concat([request(stream, listRooms), data(stream, grpcMessage(Buffer.alloc(0)), { end: true })]);
const longAck = frame(frameTypes.settings, frameFlags.ack, 0, Buffer.alloc(6));

/** Sequences of packets at which bare node:http2 ends its process by an assertion (SIGABRT). */
const sequences: Readonly<Record<string, (peer: WirePeer, number: number) => Promise<void>>> = {
  'a GOAWAY alone, and 1 to 2 ms later a call and a SETTINGS acknowledgement of 6 bytes': async (peer, number) => {
    peer.write(call(1));
    await peer.answered(1);
    peer.write(goAway(0));
    // The time is the attack's: node has read the GOAWAY, and has not done with it.
    await pause(1 + (number % 2));
    peer.write(Buffer.concat([call(3), longAck]));
  },
  'the same, and nobody waits for the first answer': async (peer, number) => {
    peer.write(call(1));
    peer.write(goAway(0));
    await pause(1 + (number % 2));
    peer.write(Buffer.concat([call(3), longAck]));
  },
  'a GOAWAY with an error, and then a call in one packet': async (peer) => {
    peer.write(goAway(2));
    await pause(1);
    peer.write(call(1));
  },
  'a call, and then a GOAWAY with an error and another call in one packet': async (peer) => {
    peer.write(call(1));
    await peer.answered(1);
    peer.write(Buffer.concat([goAway(2), call(3)]));
  },
  'a call, a GOAWAY with an error and a call, each a packet': async (peer) => {
    peer.write(call(1));
    await peer.answered(1);
    peer.write(goAway(2));
    peer.write(call(3));
  },
};

describe('a peer that sends what ends bare node:http2', function () {
  this.timeout(300_000);
  const endings = endedAfterEach();

  for (const [what, send] of Object.entries(sequences)) {
    itOnEachNode(`${what}: is sent away, and two who chat notice nothing`, async ({ path }) => {
      const program = [path, projectFile('bin/chit-server')] as const;
      const server = await ServerProcess.start(endings, { program });
      const bystander = await Bystander.join(endings, server.address);
      await bystander.say();
      for (let number = 1; number <= connections; number += 1) {
        const peer = new WirePeer(endings, server.address);
        // A peer that was sent away before its last packet has done what it can.
        await send(peer, number).catch(() => {});
        await bystander.say();
        expect(
          server.child.alive,
          `the server's end at connection ${number}: ${server.child.errorLines.at(-1)}`,
        ).to.equal(true);
        await peer.closes();
      }
      await bystander.say();
      expect(bystander.findings()).to.deep.equal([]);
      expect(server.records().filter(({ level }) => level >= 50)).to.deep.equal([]);
    });
  }
});
