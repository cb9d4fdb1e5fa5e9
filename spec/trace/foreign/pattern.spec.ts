import { expect } from 'chai';
import { ForeignLog, ownerByName } from '../../../lib/trace/foreign/foreign-log.js';
import { BadPattern, Patterns } from '../../../lib/trace/foreign/pattern.js';
import { UnreadableLog } from '../../../lib/trace/history/logs/source.js';

describe('Patterns for the logs of other chats', () => {
  const read = (line: string, ...sources: string[]) => new Patterns(sources).read(line);

  it('read a line by the first one that matches', () => {
    const [notice, any] = ['(?<participant>\\w+) (?<event>joined) at (?<lamport>\\d+)', '(?<lamport>\\d+)'];
    expect(read('ada joined at 7', notice, any)).to.deep.equal({
      kind: 'joined',
      lamport: 7,
      participant: 'ada',
      text: '',
    });
    expect(read('ada joined at 7', any, notice)).to.deep.equal({
      kind: 'message',
      lamport: 7,
      participant: undefined,
      text: '',
    });
    expect(read('nothing', notice, any)).to.equal(undefined);
  });

  for (const [event, kind] of [
    ['JOIN', 'joined'],
    ['connected', 'joined'],
    ['disconnected', 'left'],
    ['leaves', 'left'],
    ['Publishing', 'sent'],
    ['broadcast', 'message'],
  ] as const) {
    it(`take the word “${event}” for ${kind}`, () => {
      expect(read(`${event} 1`, '(?<event>\\w+) (?<lamport>\\d+)')?.kind).to.equal(kind);
    });
  }

  it('take a line that names nobody, or “self”, to be about whose log it is', () => {
    const log = new ForeignLog(
      'ada.log',
      'ada',
      new Patterns(['((?<self>You)|(?<participant>\\w+)): (?<lamport>\\d+)', '(?<lamport>\\d+)']),
    );
    for (const line of ['You: 1', 'bob: 2', '3']) log.add(line);
    expect(log.entries.map(({ participant }) => participant)).to.deep.equal(['ada', 'bob', 'ada']);
  });

  it('do not count a time that is no exact number', () => {
    expect(read('99999999999999999999', '(?<lamport>\\d+)')).to.equal(undefined);
    expect(read('x', '(?<lamport>\\w)')).to.equal(undefined);
  });

  for (const [source, why] of [
    ['(', 'is no regular expression'],
    ['hello', 'no group “lamport”'],
    ['(?<lamport>\\d+)(?<who>.)', 'a group “who”'],
  ] as const) {
    it(`are refused where they make no sense: ${source}`, () => {
      expect(() => new Patterns([source])).to.throw(BadPattern, why);
    });
  }

  it('have to match at least one line of each file', () => {
    const log = new ForeignLog('ada.log', 'ada', new Patterns(['(?<lamport>\\d+)']));
    log.add('no number');
    expect(() => log.end()).to.throw(UnreadableLog, 'ada.log:1: no line of this file matches');
  });

  it('find whose log a file is in its name', () => {
    expect(['logs/ada.log', 'ada', 'C:\\logs\\ada b.txt', '.log'].map(ownerByName)).to.deep.equal([
      'ada',
      'ada',
      'ada b',
      '.log',
    ]);
  });
});
