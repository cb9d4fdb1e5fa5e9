import { expect } from 'chai';
import { errorCodes } from '../../server/rpc/http2-frames.js';
import { Endings } from '../endings.js';
import { RawCaller, type RawChat } from '../raw-caller.js';
import { ServerProcess } from '../server-process.js';
import { WirePeer } from './wire-peer.js';

export const chat = '/chit.v1.ChatService/Chat';
export const listRooms = '/chit.v1.ChatService/ListRooms';
/** A call that the server holds open when its caller has ended its own side: there half-closed (remote) lasts. */
export const watch = '/grpc.health.v1.Health/Watch';

export type ErrorCode = keyof typeof errorCodes;

/** What has to come of a case. */
export type Outcome = (peer: WirePeer) => Promise<void>;

/** Something that is sent, and what RFC 9113 says comes of it. */
export interface FrameCase {
  /** Completes the sentence "A peer that sends …". */
  readonly name: string;
  /** Sent before, and dealt with before the rest is sent; all streams of `answered` are answered to their end by then. */
  readonly first?: readonly Buffer[];
  readonly answered?: readonly number[];
  readonly sends: readonly Buffer[];
  readonly outcome: Outcome;
}

/** GOAWAY with one of `codes`, and then the connection is closed by the server. */
export function connectionError(...codes: readonly ErrorCode[]): Outcome {
  return async (peer) => {
    await peer.closes();
    expect(codes, peer.told()).to.include(codeName(peer.goAwayCode));
  };
}

/** RST_STREAM of `stream` with one of `codes`, and the connection goes on. */
export function streamError(stream: number, ...codes: readonly ErrorCode[]): Outcome {
  return async (peer) => {
    await peer.goesOn();
    expect(codes, peer.told()).to.include(codeName(peer.resetCode(stream)));
    expect(peer.resetStreams, peer.told()).to.deep.equal([stream]);
    expect(peer.goAwayCode, peer.told()).to.equal(undefined);
  };
}

/** The server takes it in without an error, of the connection or of any stream. */
export const goesOn: Outcome = async (peer) => {
  await peer.goesOn();
  expect(peer.resetStreams, peer.told()).to.deep.equal([]);
  expect(peer.goAwayCode, peer.told()).to.equal(undefined);
};

/** The call on `stream` is answered to its end, and nothing went wrong. */
export function answers(stream: number): Outcome {
  return async (peer) => {
    await peer.answered(stream);
    await goesOn(peer);
  };
}

/** Of what RFC 9113 leaves open, any. */
export function either(...outcomes: readonly Outcome[]): Outcome {
  return async (peer) => {
    const results = await Promise.allSettled(outcomes.map((outcome) => outcome(peer)));
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
    if (failures.length === outcomes.length) throw new Error(failures.join('\nand '));
  };
}

/** The server ends the connection; what it says before is its own affair. */
export const closes: Outcome = (peer) => peer.closes();

/**
 * A suite for each group of cases, all against one real server, with a neighbour on another connection who must not notice
 * anything. All are sent at the same time, each on a connection of its own, and each is one test.
 */
export function describeFrameCases(
  title: string,
  groups: Readonly<Record<string, readonly FrameCase[]>>,
  args: readonly string[] = [],
): void {
  describe(title, () => {
    const endings = new Endings();
    const results = new Map<FrameCase, Promise<unknown>>();
    let server: ServerProcess;
    let neighbour: RawChat;

    before(async () => {
      server = await ServerProcess.start(endings, { args });
      neighbour = new RawCaller(endings, server.address).chat();
      await neighbour.join('Neighbour');
      for (const one of Object.values(groups).flat()) {
        const peer = new WirePeer(endings, server.address);
        results.set(
          one,
          run(one, peer).catch((error: unknown) => error),
        );
      }
    });

    after(() => endings.run());

    for (const [group, cases] of Object.entries(groups)) {
      describe(group, () => {
        for (const one of cases) {
          it(`a peer that sends ${one.name}`, async () => {
            const fault = await results.get(one);
            if (fault) throw fault;
          });
        }
      });
    }

    it('of all this a neighbour notices nothing, and the server tells of no fault', async () => {
      await Promise.all(results.values());
      expect(server.records().filter(({ level }) => level >= 50)).to.deep.equal([]);
      expect(server.child.alive, server.child.errorLines.slice(-20).join('\n')).to.equal(true);
      neighbour.publish('still here');
      await neighbour.heard('still here');
      expect(neighbour.events.map(({ kind }) => kind)).to.deep.equal(['joined', 'message']);
    });
  });
}

async function run({ first = [], answered: streams = [], sends, outcome }: FrameCase, peer: WirePeer): Promise<void> {
  // The answer to the server's SETTINGS must not come between the frames of a case.
  await peer.goesOn();
  if (first.length > 0) {
    peer.write(Buffer.concat(first));
    await peer.goesOn();
  }
  for (const stream of streams) await peer.answered(stream);
  peer.write(Buffer.concat(sends));
  await outcome(peer);
}

function codeName(code: number | undefined): ErrorCode | 'none' {
  const names = Object.keys(errorCodes) as ErrorCode[];
  return code === undefined ? 'none' : (names[code] ?? 'none');
}
