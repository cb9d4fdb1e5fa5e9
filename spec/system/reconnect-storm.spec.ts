import { connect } from 'node:net';
import { expect } from 'chai';
import { grantedBacklog } from '../../lib/server/door/listener.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller } from './raw-caller.js';
import { ResumingParticipant } from './resuming-participant.js';
import { ServerProcess } from './server-process.js';
import { StormParticipant } from './storm-participant.js';
import { TcpProxy } from './tcp-proxy.js';
import { comingsAndGoings, expectToldAsIn } from './told-as-in-history.js';
import { transcript } from './transcript.js';

describe('a reconnect storm', function () {
  this.timeout(120_000);
  const endings = endedAfterEach();
  const count = 500;
  const storms = 5;
  const saidOnShore = 20;

  it('of 500 participants who are all cut at once, five times, loses and repeats nothing, and nobody is told [P2] [P3] [P5] [P6] [P8] [P10]', async () => {
    // The grace is not what is tested: a slow machine may take its time.
    const server = await ServerProcess.start(endings, { args: ['--log-level', 'warn', '--grace', '60s'] });
    const network = await TcpProxy.start(endings, server.address);
    const shore = new RawCaller(endings, server.address);
    const onShore = shore.chat();
    await onShore.join('Shore');
    const participants = Array.from(
      { length: count },
      (_, number) =>
        new ResumingParticipant(endings, {
          name: `Sailor ${number}`,
          server: new RawCaller(endings, network.address),
          pauseMsMax: 200,
        }),
    );
    await Promise.all(participants.map((participant) => participant.join()));
    expect(network.open).to.equal(count);
    const speakers = participants.filter((_, number) => number % 10 === 0);

    for (let storm = 1; storm <= storms; storm += 1) {
      // Their fate is unknown when the connections go, so they are sent again.
      for (const speaker of speakers) {
        speaker.publish(`before storm ${storm}`);
        speaker.publish(`into storm ${storm}`);
      }
      network.cut();
      for (let number = 1; number <= saidOnShore; number += 1) onShore.publish(`${number} in storm ${storm}`);
      const isBack = ({ live, resumes, unanswered }: ResumingParticipant) =>
        live && resumes === storm && unanswered === 0;
      await eventually(
        () => `all are back; missing: ${participants.filter((one) => !isBack(one)).length}`,
        () => participants.every(isBack),
        30_000,
      );
      const { newest } = await shore.historyPage('lobby', 0, 1);
      await eventually('all have heard all', () => participants.every((one) => one.newest >= newest), 30_000);
    }

    const history = await shore.history();
    expectToldAsIn(history, [{ name: 'Shore', events: onShore.events }]);
    const lines = transcript(history).join('\n');
    for (const { name, events, joins, refusals, acknowledged } of participants) {
      expect({ joins, refusals }, name).to.deep.equal({ joins: 1, refusals: [] });
      // As one text: a comparison of so many lines for so many would take its time.
      const own = transcript(events).join('\n');
      expect(lines.endsWith(`\n${own}`), `${name} has what the log has`).to.equal(true);
      const ordinals = [...acknowledged.keys()];
      expect(ordinals, name).to.deep.equal(ordinals.map((_, index) => index + 1));
    }
    // Nobody left, nobody joined twice, and what was said again was said once.
    const stays = comingsAndGoings(history);
    expect(stays.filter((line) => !line.endsWith(' joined'))).to.deep.equal([]);
    expect(new Set(stays).size).to.equal(1 + count);
    expect(stays).to.have.length(1 + count);
    expect(history).to.have.length(stays.length + storms * (2 * speakers.length + saidOnShore));
  });

  it('of 2,000 at one address after kill -9, with the default grace, costs nobody its session [P2] [P3] [P8] [P12]', async () => {
    const many = 2_000;
    const server = await ServerProcess.start(endings, { args: ['--log-level', 'warn'] });
    const participants: StormParticipant[] = [];
    // So many at once that joining them does not take all day.
    for (let joined = 0; joined < many; joined += 500) {
      for (let number = joined; number < joined + 500; number += 1) {
        participants.push(new StormParticipant(endings, server.address, `Sailor ${number}`));
      }
      await eventually('all are in', () => participants.every((one) => one.look()), 60_000);
    }
    await eventually('all have heard of all', () => participants.every(({ newest }) => newest === many), 60_000);
    const { logId, events } = await new RawCaller(endings, server.address).historyPage('lobby', many - 1);
    const chain = events.at(-1)?.chain ?? '';
    for (const one of participants) one.place = { session: one.welcome.session, logId, sequence: many, chain };

    for (const one of participants) one.stay();
    await server.kill();
    const killedAtMs = performance.now();
    await eventually('all have noticed', () => participants.every((one) => !one.look()), 60_000);
    const args = ['--log-level', 'warn', '--listen', server.address];
    const next = await ServerProcess.start(endings, { data: server.data, args });
    // The worst that can be: all at one moment, with no time to spread.
    for (const one of participants) one.go();
    const missing = (): number => participants.filter((one) => !one.look()).length;
    await eventually(
      () => `all are back; missing: ${missing()}`,
      () => missing() === 0,
      60_000,
    );

    const backMs = Math.max(...participants.map(({ backAtMs }) => backAtMs)) - killedAtMs;
    const resumed = participants.filter(({ welcome }) => welcome.resumed).length;
    const page = await new RawCaller(endings, next.address).historyPage('lobby', many);
    if (process.env.STORM_FIGURES)
      process.stdout.write(`      ${many - resumed} lost, back in ${Math.round(backMs)} ms\n`);
    expect({ lost: many - resumed, left: transcript(page.events) }).to.deep.equal({ lost: 0, left: [] });
  });

  it('finds its connections waiting, none refused or dropped, where the server was busy with something else [P12]', async () => {
    const many = grantedBacklog(2_000);
    const server = await ServerProcess.start(endings, { args: ['--log-level', 'warn'] });
    const [host = '', port = ''] = server.address.split(':');
    server.child.signal('SIGSTOP');
    let connected = 0;
    for (let number = 0; number < many; number += 1) {
      const socket = connect(Number(port), host, () => {
        connected += 1;
      });
      socket.on('error', () => {});
      endings.add(() => socket.destroy());
    }
    // One that found no place would try again after 1, 3, 7 s, in vain.
    await eventually(
      () => `${connected} of ${many} wait to be accepted`,
      () => connected === many,
    );
    server.child.signal('SIGCONT');
    await new RawCaller(endings, server.address).chat().join('Last in the queue');
  });
});
