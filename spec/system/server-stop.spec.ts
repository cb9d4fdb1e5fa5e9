import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { preface, request, settings } from '../server/rpc/http2-frames.js';
import { RawSocket } from '../server/rpc/raw-socket.js';
import { Child } from './child.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { projectFile } from './project.js';
import { RawCaller } from './raw-caller.js';
import { free, listening } from './server-command.js';
import { ServerProcess } from './server-process.js';

/** How a call ends that the server's stop ends. */
const stopping = { code: status.UNAVAILABLE, details: 'The server is stopping. Connect again later.' };

describe('chit-server told to stop', () => {
  const endings = endedAfterEach();

  /** A participant who takes nothing from its connection, and for whom more waits than flow control lets through. */
  async function stuckVisitor(server: ServerProcess): Promise<void> {
    const speaker = new RawCaller(endings, server.address).chat();
    await speaker.join('Speaker');
    const stuck = new RawSocket(endings, Number(server.address.split(':')[1]));
    stuck.stopReading();
    const join = Buffer.from([0x12, 0x07, 0x12, 0x05, ...Buffer.from('Stuck')]);
    stuck.write(Buffer.concat([preface, settings, request(1, '/chit.v1.ChatService/Chat'), grpcData(1, join)]));
    await speaker.event('the stuck one’s join', ({ participant }) => participant === 'Stuck');
    // Some 150 bytes each, and the window is of 64 KiB.
    const count = 900;
    for (let said = 1; said <= count; said += 1) {
      if (!speaker.publish('x'.repeat(100))) await speaker.drained();
    }
    await speaker.event('the last one', (event) => event.kind === 'message' && event.ordinal === count);
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`by ${signal} says farewell to everybody, and ends with 0 [T3]`, async () => {
      const server = await ServerProcess.start(endings);
      const [alone, both] = [new RawCaller(endings, server.address), new RawCaller(endings, server.address)];
      const visits = [alone.chat(), both.chat(), both.chat()];
      for (const [index, visit] of visits.entries()) await visit.join(`Ada ${index}`);
      server.child.signal(signal);
      expect(await server.child.ended).to.equal(0);
      for (const visit of visits) {
        // Not the code alone: a lost connection has the same.
        expect(await visit.ended()).to.deep.include(stopping);
        expect(visit.farewell?.reason).to.equal('SERVER_STOPPING');
      }
      expect(server.records().at(-1)?.event).to.equal('server-stopped');
    });
  }

  it('ends with 0 within 5 seconds also when a client never reads [P10]', async () => {
    const server = await ServerProcess.start(endings, { args: ['--publishes-per-second-max', '0'] });
    await stuckVisitor(server);
    const began = performance.now();
    server.child.signal('SIGTERM');
    expect(await server.child.ended).to.equal(0);
    expect(performance.now() - began).to.be.lessThan(5000);
  });

  it('takes a signal that is said again 20 ms later, as by timeout(1), for one wish, and ends with 0', async () => {
    // By itself, for the kernel may make one of two that come sooner.
    const again = `data:text/javascript,
      let count = 0;
      process.on('SIGTERM', () => {
        count += 1;
        if (count === 1) setTimeout(() => process.kill(process.pid, 'SIGTERM'), 20);
        else console.error('said again');
      });`;
    const program = [process.execPath, '--import', again, projectFile('bin/chit-server')] as const;
    const server = await ServerProcess.start(endings, { program });
    // A stream that is not read keeps the farewell waiting for longer than that.
    await stuckVisitor(server);
    server.child.signal('SIGTERM');
    expect(await server.child.ended).to.equal(0);
    expect(server.child.errorLines).to.include('said again');
    expect(server.records().at(-1)?.event).to.equal('server-stopped');
  });

  it('by timeout(1), which tells it and then its process group, ends with 0', async () => {
    const node = [process.execPath, projectFile('bin/chit-server'), '--listen', free, '--memory'];
    const child = new Child(endings, 'timeout', ['--preserve-status', '600', ...node]);
    await listening(child);
    // It hands on what it is told as it does when its time is up.
    child.signal('SIGTERM');
    expect(await child.ended).to.equal(0);
  });

  it('hears a signal that comes while one that starts hands over to one that runs', async () => {
    // Just before the first ones stop listening: what is not dispatched by then goes to whoever listens still.
    const signalled = `data:text/javascript,
      const off = process.off;
      process.off = (name, listener) => {
        if (name === 'SIGTERM') process.kill(process.pid, name);
        return off.call(process, name, listener);
      };`;
    const args = ['--import', signalled, projectFile('bin/chit-server'), '--listen', free, '--memory'];
    expect(await new Child(endings, process.execPath, args).ended).to.equal(0);
  });

  it('opens no debugger where SIGUSR1 is taken for the signal that has log files opened anew', async () => {
    const server = await ServerProcess.start(endings);
    server.child.signal('SIGUSR1');
    server.child.signal('SIGTERM');
    expect(await server.child.ended).to.equal(0);
    expect(server.child.errorLines.filter((line) => !line.startsWith('{'))).to.deep.equal([]);
  });

  it('a second time ends at once with 1', async () => {
    const server = await ServerProcess.start(endings);
    // A stream that is not read keeps the first signal's farewell waiting.
    await stuckVisitor(server);
    server.child.signal('SIGTERM');
    await eventually('its stopping', () => server.child.lines.includes('Stopping'));
    await eventually('the second wish is heard', () => {
      server.child.signal('SIGTERM');
      return !server.child.alive;
    });
    expect(await server.child.ended).to.equal(1);
  });

  it('by a fault of its own logs it, closes what it can, and ends with 70', async () => {
    const program = [process.execPath, '--import', 'tsx', projectFile('spec/system/faulty-server.ts')] as const;
    const server = await ServerProcess.start(endings, { program });
    const visit = new RawCaller(endings, server.address).chat();
    await visit.join('Ada');
    server.child.closeInput();
    expect(await server.child.ended).to.equal(70);
    expect(visit.farewell?.reason).to.equal('SERVER_STOPPING');
    expect(server.records().map(({ event }) => event)).to.include.members(['fault', 'server-stopped']);
  });

  it('goes on when whoever reads its output stops reading it', async () => {
    const script = 'exec "$@" > >(grep -m 1 listening) 2>&1';
    const node = [process.execPath, projectFile('bin/chit-server'), '--listen', free, '--memory'];
    const child = new Child(endings, 'bash', ['-c', script, 'bash', ...node]);
    const address = await listening(child);
    const visit = new RawCaller(endings, address).chat();
    await visit.join('Ada');
    visit.publish('still here');
    await visit.heard('still here');
  });
});

/** A gRPC message in an HTTP/2 frame. */
function grpcData(stream: number, message: Buffer): Buffer {
  const head = Buffer.alloc(9 + 5);
  head.writeUIntBE(5 + message.length, 0, 3);
  head.writeUInt32BE(stream, 5);
  head.writeUInt32BE(message.length, 10);
  return Buffer.concat([head, message]);
}
