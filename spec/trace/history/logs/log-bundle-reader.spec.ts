import { expect } from 'chai';
import { logFormat } from '../../../../lib/codec/log-records.js';
import { LogBundleReader } from '../../../../lib/trace/history/logs/log-bundle-reader.js';
import { LastRecordFinder, WrittenAtOnce } from '../../../../lib/trace/history/logs/log-clients.js';
import { tornLinesMax } from '../../../../lib/trace/history/logs/log-file.js';
import { UnreadableLog } from '../../../../lib/trace/history/logs/source.js';
import { partsOf } from './lines-of-history.js';
import { altered, type Logs, lineOf, recorded, runOfLines, textOf, withLines } from './log-lines.js';

const ada = recorded['ada.log'] ?? [];
const bob = recorded['bob.log'] ?? [];

function read(files: Readonly<Record<string, readonly string[]>>) {
  return runOfLines(files as Logs);
}

/** Lines as another process of the same client would write them. */
function byProcess(lines: readonly string[], pid: number): string[] {
  return lines.map((line) => JSON.stringify({ ...JSON.parse(line), pid }));
}

/** A line of each in turn, as processes that run at the same time write them. */
function mixedLines(processes: readonly (readonly string[])[]): string[] {
  const longest = Math.max(...processes.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) => processes.flatMap((lines) => lines[index] ?? [])).flat();
}

describe('LogBundleReader', () => {
  it('tells of each step its line and when that was written', () => {
    const run = runOfLines(recorded);
    for (const { client, steps } of run.evidence.history.clients) {
      for (const [index, step] of steps.entries()) {
        const { file, line } = run.source(client, index);
        const record = JSON.parse(textOf(recorded, file as 'ada.log', line));
        expect(file).to.equal(`${client}.log`);
        expect(run.writtenAt(client, index)).to.equal(Date.parse(record.time));
        if (step.kind === 'receive') expect(record).to.include({ event: 'receive', sequence: step.event.sequence });
        if (step.kind === 'welcome') expect(record).to.include({ event: 'welcome', newest: step.newest });
      }
    }
  });

  it('keeps one object for one event, however many received it', () => {
    const { history } = runOfLines(recorded).evidence;
    const seventh = history.clients.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'receive' && step.event.sequence === 7 ? step.event : [])),
    );
    expect(seventh).to.have.length(3);
    expect(new Set(seventh).size).to.equal(1);
  });

  it('puts the room’s log together from what everybody received', () => {
    const [log, ...others] = runOfLines(recorded).evidence.history.logs;
    expect(others).to.deep.equal([]);
    expect(log?.events.map(({ sequence }) => sequence)).to.deep.equal(
      Array.from({ length: 16 }, (_, index) => index + 1),
    );
  });

  it('calls a client by its participant, and tells two of one name apart', () => {
    const run = read({ 'ada.log': ada, 'old/ada.log': ada });
    expect(run.evidence.history.clients.map(({ client }) => client)).to.deep.equal(['ada', 'ada (old/ada.log)']);
    expect(run.source('ada (old/ada.log)', 0)).to.deep.equal({ file: 'old/ada.log', line: 1 });
  });

  it('takes several visits in one file for those of one client, and of another name for another', () => {
    const again = byProcess(ada, 1);
    expect(read({ 'ada.log': [...ada, ...again] }).files[0]?.clients).to.deep.equal(['ada']);
    expect(read({ 'both.log': [...ada, ...bob] }).files[0]).to.deep.include({ clients: ['ada', 'bob'] });
  });

  it('minds neither blank lines nor other line ends, nor records of other programs', () => {
    const other = '{"name":"other","level":30,"event":"begin","component":"client"}';
    const lines = ['', ...ada.map((line) => `${line}\r`), other, ''];
    const run = read({ 'ada.log': lines });
    expect(run.evidence.history).to.deep.equal(read({ 'ada.log': ada }).evidence.history);
    expect(run.files[0]).to.deep.include({ lines: lines.length, passedOver: 1, torn: [] });
  });

  it('notes lines that break off where their writer was killed, the first ones', () => {
    const torn = ada[5]?.slice(0, 100) ?? '';
    expect(read({ 'ada.log': [...ada, torn] }).files[0]?.torn).to.deep.equal([ada.length + 1]);
    expect(read({ 'ada.log': [...ada, '{"na'] }).files[0]?.torn).to.deep.equal([ada.length + 1]);
    const many = Array.from({ length: tornLinesMax + 5 }, () => torn);
    expect(read({ 'ada.log': [...ada, ...many] }).files[0]?.torn).to.have.length(tornLinesMax);
  });

  it('counts the records that a writer says it could not write', () => {
    const dropped = JSON.stringify({ name: 'chit-client', component: 'client', event: 'records-dropped', count: 3 });
    expect(read({ 'ada.log': [...ada, dropped] }).files[0]?.dropped).to.equal(3);
  });

  for (const [what, line] of [
    ['text', 'hello'],
    ['a number', '7'],
    ['a list', '[]'],
    ['half an object of another program', '{"time":'],
  ] as const) {
    it(`passes over a line that is ${what}, and counts it`, () => {
      const run = read({ 'ada.log': [...ada.slice(0, 3), line, ...ada.slice(3)] });
      expect(run.files[0]?.noRecords).to.equal(1);
      expect(run.evidence.history).to.deep.equal(read({ 'ada.log': ada }).evidence.history);
    });

    it(`refuses a file in which nothing but ${what} is, and says how other logs are read`, () => {
      expect(() => read({ 'ada.log': [line] })).to.throw(UnreadableLog, /^ada\.log:1: .*--pattern/);
    });
  }

  it('refuses a record whose field cannot be read, by its line and the field', () => {
    const line = lineOf(recorded, 'ada.log', { event: 'receive', sequence: 2 });
    const logs = withLines(recorded, 'ada.log', line, altered(recorded, 'ada.log', line, { lamport: 'x' }));
    expect(() => runOfLines(logs)).to.throw(
      UnreadableLog,
      new RegExp(`^ada.log:${line}: .*lamport is no whole number`),
    );
  });

  it('notices that two processes wrote into a log at the same time, and tells them apart when it knows where they end', () => {
    const processes = [ada, byProcess(bob, 9), byProcess(recorded['cyd.log'] ?? [], 10)];
    const mixed = mixedLines(processes);
    expect(() => read({ 'chat.log': mixed })).to.throw(WrittenAtOnce);
    const finder = new LastRecordFinder();
    for (const line of mixed) finder.add(line);
    const reader = new LogBundleReader();
    const log = reader.log(finder.last);
    const file = log.file('chat.log');
    for (const line of mixed) file.add(line);
    log.end();
    const alone = read({ 'ada.log': ada, 'bob.log': bob, 'cyd.log': recorded['cyd.log'] ?? [] });
    expect(reader.bundle().evidence.history.clients.map(({ steps }) => steps)).to.deep.equal(
      alone.evidence.history.clients.map(({ steps }) => steps),
    );
  });

  it('forgets a log as if it had never been given', () => {
    const reader = new LogBundleReader();
    const log = reader.log();
    const file = log.file('ada.log');
    for (const line of [...ada, ...(recorded['server.log'] ?? [])]) file.add(line);
    log.forget();
    expect(reader.bundle()).to.deep.include({ server: [], files: [] });
    expect(reader.bundle().evidence.history.clients).to.deep.equal([]);
  });

  it('takes the parts of a rotated log for one, and tells of each step its own file', () => {
    const reader = new LogBundleReader();
    const log = reader.log();
    const parts = { 'old.log': ada.slice(0, 7), 'new.log': ada.slice(7) };
    for (const [name, lines] of Object.entries(parts)) {
      const file = log.file(name);
      for (const line of lines) file.add(line);
      file.end();
    }
    log.end();
    const run = reader.bundle();
    const whole = read({ 'ada.log': ada });
    expect(run.evidence.history).to.deep.equal(whole.evidence.history);
    for (const index of run.evidence.history.clients[0]?.steps.keys() ?? []) {
      const { line } = whole.source('ada', index);
      expect(run.source('ada', index)).to.deep.equal(
        line <= 7 ? { file: 'old.log', line } : { file: 'new.log', line: line - 7 },
      );
    }
  });

  it('reads logs of the format that clients write now, and of the one that names none, and says what to do with a newer one', () => {
    const ofFormat = (format: number | undefined) =>
      ada.map((line) => (JSON.parse(line).event === 'begin' ? JSON.stringify({ ...JSON.parse(line), format }) : line));
    const steps = (lines: readonly string[]) => read({ 'ada.log': lines }).evidence.history.clients[0]?.steps;
    expect(ada.join('\n'), 'recorded before formats were named').to.not.include('"format"');
    expect(steps(ofFormat(logFormat))).to.deep.equal(steps(ofFormat(undefined)));
    expect(steps(ofFormat(1))).to.deep.equal(steps(ada));
    expect(() => read({ 'ada.log': ofFormat(logFormat + 1) })).to.throw(
      UnreadableLog,
      `ada.log:1: this log has format ${logFormat + 1}, and formats up to ${logFormat} are read here. Use the chit-trace of the client that wrote it.`,
    );
  });

  it('refuses a part of a rotated log that has a newer format, or whose fields cannot be read', () => {
    const [, rest = []] = partsOf(ada, [9]);
    const withPart = (fields: object) => {
      const [head = '', ...others] = rest;
      return () => read({ 'ada.log': [JSON.stringify({ ...JSON.parse(head), ...fields }), ...others] });
    };
    expect(withPart({ format: logFormat + 1 })).to.throw(UnreadableLog, /^ada\.log:1: this log has format/);
    expect(withPart({ unanswered: 1 })).to.throw(UnreadableLog, /^ada\.log:1: .*unanswered is no list/);
    expect(withPart({ unanswered: [{ session: 's', text: 'hi' }] })).to.throw(
      UnreadableLog,
      /ordinal is no whole number/,
    );
    expect(withPart({ unanswered: [null] })).to.throw(UnreadableLog, /unanswered is no list of records/);
  });

  it('tells what a server’s log says of joins, leaves and deliveries', () => {
    const { server } = read({ 'server.log': recorded['server.log'] ?? [] });
    expect(server[0]).to.deep.include({ kind: 'joined', room: 'lobby', sequence: 1, last: 1, participant: 'ada' });
    expect(server[1]).to.deep.include({ kind: 'delivery', sequence: 1, last: 1, lamport: 2, participants: 1 });
    expect(server.find(({ kind }) => kind === 'left')).to.deep.include({ participant: 'dan', sequence: 12 });
  });

  it('has nothing to tell of no files', () => {
    expect(new LogBundleReader().bundle().evidence.history).to.deep.equal({ clients: [], logs: [], outsiders: true });
  });
});
