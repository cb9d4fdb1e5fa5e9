import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { savedSessionFrom } from '../../lib/chat/saved-session/saved-session-text.js';
import { enter } from '../../lib/cli/client-entry.js';
import { defaultStateFile } from '../../lib/cli/client-files.js';
import { connect, type RoomEvent } from '../../lib/client/index.js';
import { ClientProcess, isEvent, type PrintedEvent } from './client-process.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { journalRecords } from './journal-records.js';
import { joined, type Person, sitDown } from './person.js';
import { projectFile } from './project.js';
import { ServerProcess } from './server-process.js';
import { expectUnbroken } from './transcript.js';

describe('chit-client that was killed and is started again', () => {
  const endings = endedAfterEach();

  /** 0 where none is kept. */
  function keptSequence(file: string): number {
    try {
      return savedSessionFrom(readFileSync(file, 'utf8')).sequence;
    } catch {
      return 0;
    }
  }

  /** Ada at a terminal, whose place is kept up to a message of bob's. */
  async function adaAndBob(grace: string) {
    const { address } = await ServerProcess.start(endings, { args: ['--grace', grace] });
    const ada = await joined(endings, address, 'ada');
    const bob = await ClientProcess.joined(endings, address, { name: 'bob' });
    bob.say('before');
    await bob.heard('before');
    await ada.terminal.until('bob: before');
    const client = { server: address, room: 'lobby', name: 'ada' };
    const file = defaultStateFile(client, { XDG_STATE_HOME: ada.state }) ?? '';
    const sequence = bob.events.at(-1)?.sequence ?? 0;
    await eventually('the place is kept', () => keptSequence(file) === sequence);
    return { address, ada, bob, file };
  }

  /** How often a row on the screen ends like this. */
  function shown({ terminal }: Person, end: string): number {
    return terminal.rows.filter((row) => row.endsWith(end)).length;
  }

  async function killed({ terminal }: Person): Promise<void> {
    terminal.kill('SIGKILL');
    await terminal.exit();
  }

  /** The sequences that the log file says were received, in order. */
  function received({ logFile }: Person): number[] {
    const records = journalRecords(readFileSync(logFile, 'utf8').split('\n'));
    return records.filter(({ event }) => event === 'receive').map(({ sequence }) => Number(sequence));
  }

  it('goes on as the same participant within the grace, and shows what came meanwhile once [P3] [P8]', async () => {
    const { address, ada, bob, file } = await adaAndBob('30s');
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    await killed(ada);
    bob.say('meanwhile');
    await bob.heard('meanwhile');

    const again = sitDown(endings, address, 'ada', { state: ada.state });
    await again.terminal.until(/ada in lobby again(.|\n)*bob: before\n-- Here you stopped.*\n\[\d+\] bob: meanwhile\n/);
    again.terminal.type('back\r');
    await bob.heard('back');
    await again.terminal.until('ada: back');
    for (const end of ['bob: before', 'bob: meanwhile', 'ada: back']) expect(shown(again, end), end).to.equal(1);
    // Nobody else has noticed.
    expect(bob.events.filter(({ kind }) => kind !== 'message').map(({ participant }) => participant)).to.deep.equal([
      'bob',
    ]);
    expect(received(again)).to.deep.equal([1, 2, 3, 4, 5]);

    again.terminal.type('/quit\r');
    expect(await again.terminal.exit()).to.equal(0);
    await bob.told('left', 'ada');
    // Left for good: there is nothing to go on with.
    expect(readdirSync(join(file, '..'))).to.deep.equal([basename(ada.logFile)]);
  });

  it('goes on when it was killed as often as one likes, also right after having spoken [P5]', async () => {
    const { address, ada, bob } = await adaAndBob('30s');
    let person = ada;
    for (const text of ['one', 'two']) {
      person.terminal.type(`${text}\r`);
      await bob.heard(text);
      await killed(person);
      person = sitDown(endings, address, 'ada', { state: ada.state });
      await person.terminal.until(new RegExp(`ada: ${text}\\n(.|\\n)*connected\\n>`));
      expect(shown(person, `ada: ${text}`)).to.equal(1);
    }
    expect(bob.texts).to.deep.equal(['before', 'one', 'two']);
    expect(bob.events.filter(({ kind }) => kind !== 'message')).to.have.length(1);
  });

  it('joins anew after the grace, and fills in what it missed [P3]', async () => {
    const { address, ada, bob } = await adaAndBob('300ms');
    await killed(ada);
    await bob.told('left', 'ada');
    bob.say('meanwhile');
    await bob.heard('meanwhile');

    const again = sitDown(endings, address, 'ada', { state: ada.state });
    await again.terminal.until(
      /bob: before\n-- Here you stopped.*\nParticipant ada left .*\n\[\d+\] bob: meanwhile\nParticipant ada joined/,
    );
    again.terminal.type('back\r');
    await bob.heard('back');
    await again.terminal.until('ada: back');
    expect(received(again)).to.deep.equal([1, 2, 3, 4, 5, 6, 7]);
    // Killed at once again, it has its new session.
    await killed(again);
    await bob.told('left', 'ada');
  });

  it('is refused the name of one that lives, and leaves that one’s place alone [P9]', async () => {
    const { address, ada, bob, file } = await adaAndBob('30s');
    const before = readFileSync(file, 'utf8');
    const second = sitDown(endings, address, 'ada', { state: ada.state });
    expect(await second.terminal.exit()).to.equal(1);
    expect(second.terminal.text).to.match(/chit-client: the name "ada" is taken/);
    expect(readFileSync(file, 'utf8')).to.equal(before);
    expect(shown(ada, 'connected')).to.equal(1);
    await killed(ada);
    const third = sitDown(endings, address, 'ada', { state: ada.state });
    await third.terminal.until('ada in lobby again');
    third.terminal.type('it is me\r');
    await bob.heard('it is me');
    expect(bob.events.filter(({ kind }) => kind !== 'message')).to.have.length(1);
  });

  for (const [what, spoil] of [
    ['is damaged', (file: string) => writeFileSync(file, 'rubbish')],
    ['others can read', (file: string) => chmodSync(file, 0o644)],
  ] as const) {
    it(`says that its place ${what}, joins anew and keeps the new place`, async () => {
      const { address, ada, bob, file } = await adaAndBob('300ms');
      await killed(ada);
      await bob.told('left', 'ada');
      spoil(file);
      const again = sitDown(endings, address, 'ada', { state: ada.state, columns: 200 });
      await again.terminal.until(/-- The place in .* cannot be used: .*\. You join anew\./);
      await again.terminal.until(/bob: before\n(.|\n)*Participant ada joined .*\n(.|\n)*connected\n>/);
      await bob.until('ada is in again', () => bob.events.at(-1)?.kind === 'joined');
      await eventually('the new place is kept', () => {
        return statSync(file).mode % 0o1000 === 0o600 && keptSequence(file) === bob.events.at(-1)?.sequence;
      });
    });
  }

  it('says that its place cannot be kept, and goes on', async () => {
    const { address } = await ServerProcess.start(endings);
    const state = temporaryDirectory(endings);
    writeFileSync(join(state, 'chit-chat'), 'a file where a folder should be');
    const log = join(temporaryDirectory(endings), 'ada.log');
    const { terminal } = await joined(endings, address, 'ada', { state, args: ['--log', log], columns: 200 });
    expect(terminal.text).to.match(/-- Your place cannot be kept in .*\.place \(.*\)\./);
  });

  describe('without a terminal', () => {
    function start(server: string, state: string) {
      return new ClientProcess(endings, server, { name: 'ears', args: ['--state', state] });
    }

    async function kept(file: string, { events }: ClientProcess): Promise<void> {
      await eventually('the place is kept', () => keptSequence(file) === events.at(-1)?.sequence);
    }

    for (const [grace, how, own] of [
      ['30s', 'as the same participant within the grace', ['joined', 'left']],
      ['300ms', 'and joins anew after the grace', ['joined', 'left', 'joined', 'left']],
    ] as const) {
      it(`prints what came since it was killed, ${how} [P3]`, async () => {
        const { address } = await ServerProcess.start(endings, { args: ['--grace', grace] });
        const state = join(temporaryDirectory(endings), 'ears.place');
        const bob = await ClientProcess.joined(endings, address, { name: 'bob' });
        const ears = start(address, state);
        await bob.told('joined', 'ears');
        bob.say('heard');
        await ears.heard('heard');
        await kept(state, ears);
        await ears.kill();
        if (own.length > 2) await bob.told('left', 'ears');
        bob.say('missed');
        await bob.heard('missed');

        const again = start(address, state);
        await again.heard('missed');
        await again.until('it is in', () => own.length === 2 || again.events.at(-1)?.kind === 'joined');
        expect(await again.leave()).to.equal(0);
        const printed: PrintedEvent[] = [...ears.events, ...again.events];
        expectUnbroken(printed);
        const ends = printed.filter(({ kind, participant }) => kind !== 'message' && participant === 'ears');
        expect(ends.map(({ kind }) => kind)).to.deep.equal(own);
        expect(existsSync(state)).to.equal(false);
      });
    }

    it('repeats what its reader had not taken when it was killed [P3]', async () => {
      const { address } = await ServerProcess.start(endings, { args: ['--grace', '30s'] });
      const state = join(temporaryDirectory(endings), 'ears.place');
      const args = ['--state', state];
      const ears = new ClientProcess(endings, address, { name: 'ears', args, unread: true });
      await eventually('it is in', () => keptSequence(state) > 0);
      const bob = await connect({ server: address, name: 'bob' });
      endings.add(() => bob.close());
      const texts = Array.from({ length: 900 }, (_, index) => `message ${index} ${'😀'.repeat(110)}`);
      await Promise.all(texts.map((text) => bob.publish(text)));
      await eventually('some of it is taken', () => keptSequence(state) > 10);
      ears.child.signal('SIGKILL');
      ears.child.read();
      await ears.child.ended;
      // They are more than half a megabyte, and no pipe holds that.
      expect(keptSequence(state)).to.be.lessThan(texts.length);
      const again = start(address, state);
      await again.heard(texts.at(-1) ?? '');
      expectUnbroken(again.events);
      expect(again.events[0]?.sequence).to.be.at.most((ears.events.at(-1)?.sequence ?? 0) + 1);
      expect(await again.leave()).to.equal(0);
      await bob.leave();
    });

    it('says that the disk is full, and prints the line it could not again when it is started again [P3]', async () => {
      const { address } = await ServerProcess.start(endings);
      const folder = temporaryDirectory(endings);
      const [state, heard] = [join(folder, 'ears.place'), join(folder, 'heard.jsonl')];
      const bob = await ClientProcess.joined(endings, address, { name: 'bob' });
      function listen(limit: string): ClientProcess {
        // A limit of the files' size stands for the disk's: a write is cut short before one fails.
        const script = `ulimit -S -f ${limit}; exec "$@" >> ${heard}`;
        const program = ['bash', '-c', script, 'bash', process.execPath, projectFile('bin/chit-client')] as const;
        const args = ['--state', state, '--log', '/dev/null'];
        return new ClientProcess(endings, address, { name: 'ears', program, args });
      }
      const printed = () => readFileSync(heard, 'utf8');

      const ears = listen('2');
      await eventually('it is in', () => keptSequence(state) > 0);
      const texts = Array.from({ length: 12 }, (_, index) => `message ${index} ${'x'.repeat(100)}`);
      bob.say(...texts);
      await ears.child.ended;
      expect(ears.child.errorLines).to.have.length(1);
      expect(ears.child.errorLines[0]).to.match(
        /^chit-client: Standard output cannot be written \(EFBIG.*this client leaves/,
      );
      const torn = printed().split('\n').at(-1) ?? '';
      expect(torn, 'the part of a line').not.to.equal('');
      await bob.heard(texts.at(-1) ?? '');

      const again = listen('unlimited');
      await eventually('all is printed', () => printed().endsWith('}\n') && printed().includes(texts.at(-1) ?? ''));
      expect(await again.leave()).to.equal(0);
      const lines = printed().trimEnd().split('\n');
      expect(lines.filter((line) => line === torn)).to.have.length(1);
      const whole = lines.filter((line) => line !== torn).map((line): PrintedEvent => JSON.parse(line));
      expectUnbroken(whole.filter(isEvent));
    });

    it('ends with 2 before it touches the place of another participant, or what is no place', async () => {
      const { address } = await ServerProcess.start(endings);
      const state = join(temporaryDirectory(endings), 'shared.place');
      const ears = await ClientProcess.joined(endings, address, { name: 'ears', args: ['--state', state] });
      await kept(state, ears);
      await ears.kill();
      const thesis = join(temporaryDirectory(endings), 'thesis.txt');
      writeFileSync(thesis, 'In the beginning');
      for (const [file, because] of [
        [state, `it is the place of ears in lobby on ${address}`],
        [thesis, 'it is no place of chit-client'],
      ] as const) {
        const before = readFileSync(file, 'utf8');
        const { child } = new ClientProcess(endings, address, { name: 'eyes', args: ['--state', file] });
        expect(await child.ended).to.equal(2);
        expect(child.errorLines).to.deep.equal([
          `chit-client: the state file ${file} cannot be used (${because}). Name another with --state.`,
        ]);
        expect(readFileSync(file, 'utf8')).to.equal(before);
      }
    });

    it('says in one line that the state file cannot be used, and ends with 2', async () => {
      const client = start('127.0.0.1:1', '/no/such/folder/ears.place');
      expect(await client.child.ended).to.equal(2);
      expect(client.child.errorLines).to.have.length(1);
      expect(client.child.errorLines[0]).to.match(/^chit-client: the state file .* Name another with --state\.$/);
    });
  });

  describe('after more events than a terminal is to be shown', () => {
    /** A visit that was lost without a leave, and what is missed since. */
    async function lostVisit(grace: string) {
      const { address } = await ServerProcess.start(endings, { args: ['--grace', grace] });
      const visit = await connect({ server: address, name: 'ada' });
      endings.add(() => visit.close());
      visit.events$.subscribe();
      await eventually('the own Joined', () => visit.place.sequence === 1);
      return { address, visit };
    }

    it('joins as a newcomer, and says how many there were', async () => {
      const { address, visit } = await lostVisit('30s');
      const { place } = visit;
      await visit.leave();
      const bob = await ClientProcess.joined(endings, address, { name: 'bob' });
      bob.say('one', 'two', 'three');
      await bob.heard('three');
      const { client, continued, news } = await enter({ server: address, name: 'ada', history: 1 }, place, 3);
      const events: RoomEvent[] = [];
      client.events$.subscribe((event) => events.push(event));
      await eventually('the own Joined', () => events.at(-1)?.kind === 'joined');
      expect(continued).to.equal(false);
      expect(news).to.deep.equal([
        'You missed 5 events, too many to show them all. /history shows those before you came.',
      ]);
      expect(events.map(({ sequence }) => sequence)).to.deep.equal([6, 7]);
      await client.leave();
    });

    it('goes on nevertheless where its session lives', async () => {
      const { address, visit } = await lostVisit('30s');
      const { place } = visit;
      const bob = await ClientProcess.joined(endings, address, { name: 'bob' });
      bob.say('one', 'two', 'three');
      await bob.heard('three');
      const { client, continued, news } = await enter({ server: address, name: 'ada' }, place, 3);
      expect({ continued, news }).to.deep.equal({ continued: true, news: [] });
      client.events$.subscribe();
      await eventually('all is filled in', () => client.place.sequence === 5);
      await client.leave();
    });
  });
});
