import { encodeChatRequest } from '../../lib/codec/requests.js';
import { encodeSubscribeRequest } from '../codec/other-side.js';
import { data, grpcMessage, request } from '../server/rpc/http2-frames.js';
import type { WirePeer } from '../system/http2/wire-peer.js';
import { type Attack, type AttackFigures, asked } from './attack.js';

/** Bounds on what is open at a time, so that the attackers stay within this machine's limits. */
const idleConnections = 1_000;
const idleStreams = 60;
const begunConnections = 100;

/** How long an answer is waited for, and how often what was closed is opened again, in milliseconds. */
const answerMs = 1_000;
const againMs = 500;

const join = (name: string, room: string): Buffer =>
  encodeChatRequest({ lamport: 1, action: { kind: 'join', room, name, history: 0, resumable: false } });
const publish = (text: string, ordinal: number): Buffer =>
  encodeChatRequest({ lamport: 1, action: { kind: 'publish', text, ordinal, seen: 0 } });
const leave = encodeChatRequest({ lamport: 1, action: { kind: 'leave' } });
const message = (bytes: Buffer): Buffer => data(1, grpcMessage(bytes));

/** What each limit allows, used up: rooms, joins and leaves, bursts, refusals, idle connections and streams, calls never asked. */
export async function abuse(attack: Attack): Promise<AttackFigures> {
  const figures = { rooms: 0, churned: 0, bursts: 0, refusals: 0, idleOpened: 0, begunOpened: 0 };
  const visit = async (group: number, number: number, first: readonly Buffer[]): Promise<WirePeer> => {
    const peer = attack.peer(group, number);
    peer.write(Buffer.concat([request(1, '/chit.v1.ChatService/Chat'), ...first.map(message)]));
    await attack.upTo(answerMs, () => peer.closed || peer.dataOf(1).length > 0 || peer.isAnswered(1));
    return peer;
  };
  const open = async (count: number, make: (number: number) => WirePeer): Promise<void> => {
    const peers = new Map<number, WirePeer>();
    while (!attack.over) {
      for (let number = 0; number < count && !attack.over; number += 1) {
        if (peers.get(number)?.closed === false) continue;
        peers.set(number, make(number));
        // Not more at a time than a listen queue takes.
        if (number % 100 === 99) await attack.upTo(20);
      }
      await attack.upTo(againMs);
    }
    for (const peer of peers.values()) peer.destroy();
  };

  await Promise.all([
    attack.always(5, async (number) => {
      const peer = await visit(3, 1, [join(`Founder ${number}`, `siege-${number}`)]);
      figures.rooms += 1;
      peer.destroy();
    }),
    attack.always(4, async (number) => {
      const peer = await visit(3, 2, [join(`Comer ${number}`, 'churn'), leave]);
      figures.churned += 1;
      peer.destroy();
    }),
    attack.always(1, async (number) => {
      const said = Array.from({ length: 1000 }, (_, index) => publish(`burst ${index}`, index + 1));
      const peer = await visit(3, 3, [join(`Burst ${number}`, 'burst'), ...said]);
      figures.bursts += 1;
      await attack.upTo(200);
      peer.destroy();
    }),
    attack.always(1, async (number) => {
      const peer = await visit(3, 4, [join(`Rude ${number}`, 'rude')]);
      peer.stopReading();
      for (let round = 0; round < 20 && !peer.closed && !attack.over; round += 1) {
        peer.write(Buffer.concat(Array.from({ length: 200 }, () => message(publish(' ', 1)))));
        figures.refusals += 200;
        await attack.upTo(100);
      }
      peer.destroy();
    }),
    open(idleConnections, (number) => {
      figures.idleOpened += 1;
      return attack.peer(4, number % 2);
    }),
    open(Math.ceil(idleStreams / 15), (number) => {
      const peer = attack.peer(5, number);
      const streams = Array.from({ length: 15 }, (_, index) => request(2 * index + 1, '/chit.v1.ChatService/Chat'));
      peer.write(Buffer.concat(streams));
      return peer;
    }),
    open(begunConnections, (number) => {
      const peer = attack.peer(6, number % 2);
      figures.begunOpened += 1;
      peer.write(
        Buffer.concat([
          request(1, '/chit.v1.ChatService/Subscribe'),
          request(3, '/chit.v1.ChatService/Publish'),
          request(5, '/chit.v1.ChatService/ReadHistory'),
          request(7, '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo'),
          asked(9, '/grpc.health.v1.Health/Watch', Buffer.alloc(0)),
          asked(
            11,
            'Subscribe',
            encodeSubscribeRequest({
              lamport: 1,
              join: { room: 'churn', name: `Listener ${number}`, history: 1000, resumable: false },
            }),
          ),
        ]),
      );
      return peer;
    }),
  ]);
  return figures;
}
