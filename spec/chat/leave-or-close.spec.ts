import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { leaveOrClose } from '../../lib/chat/connection-news.js';
import { runPlain } from '../../lib/chat/plain/run-plain.js';
import { TerminalSession } from '../../lib/chat/terminal/terminal-session.js';
import { connect } from '../../lib/client/connect.js';
import { VisitOver } from '../../lib/client/errors.js';
import { rejection } from '../../lib/core/rejection.js';
import { ScriptedRoom } from '../client/scripted-room.js';
import { ScriptedServer, type ScriptedStream } from '../client/scripted-server.js';
import { withLimits } from '../client/with-limits.js';

describe('leaveOrClose', () => {
  let server: ScriptedServer;
  let room: ScriptedRoom;
  let stream: ScriptedStream;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    room = new ScriptedRoom();
    server.onJoin = (joined) => {
      stream = joined;
      stream.welcome();
      stream.events(room.join('Ada'));
    };
  });

  afterEach(() => server.stop());

  const joining = () => connect({ server: server.address, name: 'Ada' });

  async function refuseLeave(): Promise<void> {
    expect((await stream.request(2)).action).to.deep.equal({ kind: 'leave' });
    stream.reject(rejection('READ_ONLY', 0, 1_000));
    await stream.halfClosed();
  }

  function confirmLeave(): void {
    stream.events(room.leave('Ada'));
    stream.end();
  }

  /** A session without a terminal, whose input has ended. */
  async function plainVisit() {
    const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const printed = Promise.all([text(output), text(errors)]);
    const stop = new AbortController().signal;
    const end = runPlain(await joining(), {
      input,
      output,
      errors,
      typed: false,
      json: false,
      keeper: undefined,
      stop,
    });
    input.end();
    return {
      end,
      printed: async () => {
        output.end();
        errors.end();
        return (await printed).map((all) => all.split('\n').slice(0, -1));
      },
    };
  }

  /** A session at a terminal, of which somebody has had enough. */
  async function terminalVisit() {
    const lines: string[] = [];
    const session = new TerminalSession(
      await joining(),
      { server: server.address, logFile: 'ada.log', news: [], past: undefined, keeper: undefined },
      (line) => lines.push(line.spans.map((span) => span.text).join('')),
      () => {},
    );
    session.start();
    session.leave();
    return { lines, end: session.end };
  }

  const hangingUp =
    /^(chit-client:|--) The leave was refused: The server cannot write to its store .* Hanging up instead\.$/;
  const unconfirmed = /^(chit-client:|--) The server did not confirm the leave within 0\.5 s\.$/;

  it('ends a session without a terminal whose leave was refused, when the owed Left comes [S6] [P8]', async () => {
    const { end, printed } = await plainVisit();
    await refuseLeave();
    confirmLeave();
    expect(await end).to.equal('left');
    const [output, errors] = await printed();
    expect(output?.at(-1)).to.match(/^Participant Ada left/);
    expect(errors).to.have.length(1);
    expect(errors?.[0]).to.match(hangingUp);
  });

  it('ends it too when that does not come, and says so', async () => {
    await withLimits({ leaveMsMax: 500 }, async () => {
      const { end, printed } = await plainVisit();
      await refuseLeave();
      expect(await end).to.equal('ended');
      await stream.ended();
      const [, errors] = await printed();
      expect(errors).to.have.length(2);
      expect(errors?.[0]).to.match(hangingUp);
      expect(errors?.[1]).to.match(unconfirmed);
    });
  });

  it('ends a session at a terminal whose leave was refused, when the owed Left comes [S6] [P8]', async () => {
    const { lines, end } = await terminalVisit();
    await refuseLeave();
    confirmLeave();
    expect(await end).to.equal('left');
    expect(lines.at(-2)).to.match(hangingUp);
    expect(lines.at(-1)).to.match(/^Participant Ada left/);
  });

  it('ends it too when that does not come, and says so last', async () => {
    await withLimits({ leaveMsMax: 500 }, async () => {
      const { lines, end } = await terminalVisit();
      await refuseLeave();
      expect(await end).to.equal('ended');
      expect(lines.at(-2)).to.match(hangingUp);
      expect(lines.at(-1)).to.match(unconfirmed);
    });
  });

  it('tells a terminal that a leave had no answer', async () => {
    await withLimits({ leaveMsMax: 500 }, async () => {
      const { lines, end } = await terminalVisit();
      expect(await end).to.equal('ended');
      expect(lines.at(-1)).to.match(unconfirmed);
    });
  });

  it('takes an end without the own Left for no leave', async () => {
    const { end, printed } = await plainVisit();
    await stream.request(2);
    stream.end();
    expect(await end).to.equal('ended');
    const [, errors] = await printed();
    expect(errors).to.deep.equal(['chit-client: The server ended the visit without confirming the leave.']);
  });

  it('asks to leave, and says nothing more, in a session that was closed, however often it is asked to end', async () => {
    const client = await joining();
    const closed = [client.close(), client.close(), leaveOrClose(client, () => {})];
    const fault = await client.publish('too late').catch((error: unknown) => error);
    expect(fault).to.be.instanceOf(VisitOver);
    await stream.halfClosed();
    confirmLeave();
    await Promise.all(closed);
    await client.close();
    expect(stream.requests.map(({ action }) => action.kind)).to.deep.equal(['join', 'leave']);
  });
});
