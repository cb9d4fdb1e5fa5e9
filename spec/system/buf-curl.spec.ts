import { expect } from 'chai';
import { decodeRejection } from '../../lib/codec/responses.js';
import { Child } from './child.js';
import { ClientProcess } from './client-process.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { projectFile } from './project.js';
import { ServerProcess } from './server-process.js';

/** A response as buf prints it, protobuf's JSON: defaults left out, uint64 as text. */
interface Printed {
  readonly events?: readonly {
    readonly sequence: string;
    readonly lamport: string;
    readonly participant: string;
    readonly chain: string;
    readonly joined?: object;
    readonly message?: { readonly text: string; readonly ordinal: string; readonly seen?: string };
    readonly left?: { readonly reason: string };
  }[];
  readonly welcome?: { readonly session: string; readonly room: string };
  readonly rejection?: { readonly reason: string; readonly ordinal?: string };
  readonly [other: string]: unknown;
}

describe('buf curl, a client that shares no code with ours, by way of server reflection', function () {
  this.timeout(60_000);
  const endings = endedAfterEach();

  /** Not through npx: its process is to be the one that is ended. It wants a cache, also where its user has no home. */
  function buf(args: readonly string[]): Child {
    const env = { BUF_CACHE_DIR: temporaryDirectory(endings) };
    return new Child(endings, projectFile('node_modules/.bin/buf'), args, { env });
  }

  /** Standard input is `@-`: for streams one JSON object after another. */
  function curl(server: ServerProcess, method: string, data = '@-'): Child {
    const url = `http://${server.address}/${method}`;
    const args = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge', '--emit-defaults=false', '-d', data, url];
    return buf(args);
  }

  /** Objects laid end to end, over many lines each. */
  function responses(child: Child): Printed[] {
    const found: Printed[] = [];
    let object = '';
    for (const line of child.lines) {
      object += `${line}\n`;
      if (line !== '}' && line !== '{}') continue;
      found.push(JSON.parse(object) as Printed);
      object = '';
    }
    return found;
  }

  async function answer(server: ServerProcess, method: string, request: object): Promise<Printed> {
    const child = curl(server, method, JSON.stringify(request));
    expect(await child.ended, child.errorLines.join('\n')).to.equal(0);
    return JSON.parse(child.lines.join('\n')) as Printed;
  }

  it('joins, speaks, is refused and leaves on Chat, beside our own client [S1] [S3] [S4] [S5] [S6]', async () => {
    const server = await ServerProcess.start(endings);
    const ada = await ClientProcess.joined(endings, server.address, { name: 'Ada' });
    const carl = curl(server, 'chit.v1.ChatService/Chat');
    const send = (request: object) => carl.write(`${JSON.stringify(request)}\n`);
    const printed = (awaited: string, match: (response: Printed) => boolean) =>
      eventually(
        () => `${awaited}; buf says: ${carl.errorLines.join('\n')}`,
        () => responses(carl).find(match),
        20_000,
      );
    send({ lamport: 1, join: { name: 'Carl' } });
    const { welcome } = await printed('the welcome', (response) => response.welcome !== undefined);
    expect(welcome?.room).to.equal('lobby');
    await ada.told('joined', 'Carl');
    send({ lamport: 40, publish: { text: 'Grüße 🎉', ordinal: '1' } });
    await ada.heard('Grüße 🎉');
    send({ lamport: 41, publish: { text: 'a\u001bb', ordinal: 2 } });
    const refused = await printed('the rejection', (response) => response.rejection !== undefined);
    expect(refused.rejection).to.include({ reason: 'REJECTION_REASON_TEXT_INVALID', ordinal: '2' });
    ada.say('Hello Carl');
    await ada.heard('Hello Carl');
    send({ lamport: 60, leave: {} });
    carl.closeInput();
    await ada.told('left', 'Carl');
    expect(await carl.ended).to.equal(0);
    const told = responses(carl).flatMap(({ events }) => events ?? []);
    const line = (one: object) => JSON.stringify(one);
    expect(
      told.map(({ sequence, lamport, participant, chain, joined, message }) =>
        line([
          sequence,
          lamport,
          participant,
          BigInt(chain).toString(16).padStart(16, '0'),
          joined ? 'joined' : message ? message.text : 'left',
        ]),
      ),
    ).to.deep.equal(
      ada.events
        .slice(1)
        .map(({ sequence, lamport, participant, chain, kind, text }) =>
          line([String(sequence), String(lamport), participant, chain, text ?? kind]),
        ),
    );
    expect(told.at(-1)?.left).to.deep.equal({ reason: 'LEFT_REASON_ASKED' });
  });

  it('reads the history, the rooms and the participants, and what is refused as a status with its details [S1]', async () => {
    const server = await ServerProcess.start(endings);
    const ada = await ClientProcess.joined(endings, server.address, { name: 'Ada', room: 'tea' });
    ada.say('one', 'two', 'three');
    await ada.heard('three');
    const service = 'chit.v1.ChatService';
    const page = await answer(server, `${service}/ReadHistory`, { room: 'tea', after: 1, limit: 2 });
    expect(page.events?.map(({ message }) => message?.text)).to.deep.equal(['one', 'two']);
    expect(page).to.include({ newest: '4' });
    expect(await answer(server, `${service}/ListRooms`, {})).to.deep.equal({
      rooms: [{ name: 'tea', participants: 1, sequence: '4', lamport: String(ada.events.at(-1)?.lamport) }],
    });
    expect(await answer(server, `${service}/ListParticipants`, { room: 'tea' })).to.deep.equal({
      participants: ['Ada'],
    });
    const publish = { session: 'tea:AAAAAAAAAAAAAAAAAAAAAA', lamport: 1, message: { text: 'hello', ordinal: 1 } };
    const refused = curl(server, `${service}/Publish`, JSON.stringify(publish));
    expect(await refused.ended).not.to.equal(0);
    const error = JSON.parse(refused.errorLines.join('\n'));
    expect(error).to.include({ code: 'not_found' });
    expect(error.details.map(({ type }: { type: string }) => type)).to.deep.equal(['chit.v1.Rejection']);
    const rejection = decodeRejection(Buffer.from(error.details[0].value, 'base64'));
    expect(rejection).to.include({ reason: 'SESSION_UNKNOWN', ordinal: 1 });
  });

  it('asks the standard health service, and lists the services [S1]', async () => {
    const server = await ServerProcess.start(endings);
    for (const service of ['', 'chit.v1.ChatService']) {
      expect(await answer(server, 'grpc.health.v1.Health/Check', { service })).to.deep.equal({ status: 'SERVING' });
    }
    const list = buf([
      ...['curl', '--protocol', 'grpc', '--http2-prior-knowledge', '--list-services', `http://${server.address}`],
    ]);
    expect(await list.ended, list.errorLines.join('\n')).to.equal(0);
    expect(list.lines).to.include.members(['chit.v1.ChatService', 'grpc.health.v1.Health']);
  });
});
