import { expect } from 'chai';
import { defaultLimits, type Limits } from '../../../lib/core/limits.js';
import { GrpcServer } from '../../../lib/server/rpc/grpc-server.js';
import { endedAfterEach } from '../../system/endings.js';
import { eventually } from '../../system/eventually.js';
import { RawCaller } from '../../system/raw-caller.js';
import { RawSocket } from './raw-socket.js';
import { RecordingJournal } from './recording-journal.js';
import { StubActors, type StubConnection } from './stub-actors.js';

/** The gRPC server before actors that do what a test says; a new one for each test of the suite that makes this. */
export class StubbedServer {
  readonly endings = endedAfterEach();
  actors = new StubActors();
  journal = new RecordingJournal();
  grpc!: GrpcServer;
  port = 0;

  constructor() {
    beforeEach(() => this.start({}));
  }

  /** In the place of the one before, with other limits. */
  async start(limits: Partial<Limits>): Promise<void> {
    this.actors = new StubActors();
    this.journal = new RecordingJournal();
    const grpc = new GrpcServer({
      actors: this.actors,
      journal: this.journal,
      limits: { ...defaultLimits, ...limits },
    });
    this.grpc = grpc;
    ({ port: this.port } = await grpc.listen({ host: '127.0.0.1', port: 0 }));
    this.endings.add(async () => {
      grpc.refuse();
      await grpc.close(0);
    });
  }

  readonly caller = (): RawCaller => new RawCaller(this.endings, `127.0.0.1:${this.port}`);
  readonly socket = (): RawSocket => new RawSocket(this.endings, this.port);
  readonly connection = (index = 0): Promise<StubConnection> =>
    eventually('a stream', () => this.actors.connections[index]);

  /** Resolves when a connection's actor was told this. */
  readonly told = (stub: StubConnection, kind: StubConnection['told'][number]['kind']): Promise<true> =>
    eventually(`"${kind}"`, () => stub.heard(kind));

  /** Has the actors answer that there is no room. */
  answersRooms(): void {
    this.actors.asked = (asked) => {
      if (asked.kind === 'list-rooms') asked.replyTo.tell({ rooms: [] });
    };
  }

  /** That nobody who calls now notices anything of what happened. */
  async expectWell(): Promise<void> {
    this.answersRooms();
    expect(await this.caller().rooms()).to.deep.equal([]);
  }
}
