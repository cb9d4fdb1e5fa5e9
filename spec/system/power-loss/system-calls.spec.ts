import { expect } from 'chai';
import { descriptorOf, momentsOf, stringsOf } from './system-calls.js';
import { markerOf, toldIn } from './told.js';

describe('A record of strace', () => {
  it('is read as moments, in which calls of several threads begin and end', () => {
    const record = [
      '7   1.250000 fdatasync(3<\\x2f\\x61> <unfinished ...>',
      '8   1.250100 write(4<\\x2f\\x62>, "\\x61", 1) = 1',
      '--- SIGCHLD ---',
      '7   1.250200 <... fdatasync resumed>) = 0',
      '8   1.250300 openat(AT_FDCWD<\\x2f>, "\\x2f\\x63", O_RDONLY) = -1 ENOENT (No such file or directory)',
      '8   1.250400 mmap(NULL, 4096, PROT_READ, MAP_SHARED, 3<\\x2f\\x61>, 0) = 0x10',
    ];
    const moments = momentsOf(record.join('\n'));
    expect(moments.map(({ kind, call: { name, result } }) => `${kind} ${name} ${result}`)).to.deep.equal([
      ...['begin fdatasync 0', 'begin write 1', 'end write 1', 'end fdatasync 0'],
      ...['begin openat -1', 'end openat -1', 'begin mmap 16', 'end mmap 16'],
    ]);
    expect(moments[0]?.call).to.equal(moments[3]?.call);
    expect(moments[1]?.atMs).to.equal(1250.1);
    expect(descriptorOf(moments[1]?.call.args ?? '')).to.deep.equal({ descriptor: 4, of: '/b' });
    expect(stringsOf(moments[1]?.call.args ?? '').map(String)).to.deep.equal(['a']);
  });

  it('may end within a call, as the process did', () => {
    const [begun, ...more] = momentsOf(
      '7 1.0 write(4</b>, "\\x61", 1 <unfinished ...>\n7 1.0 +++ killed by SIGKILL +++',
    );
    expect(begun?.call.result).to.equal(undefined);
    expect(more).to.deep.equal([]);
    const [asked, ...rest] = momentsOf('7 1.0 write(4</b>, "\\x61", 1) = ?');
    expect(asked?.call.result).to.equal(undefined);
    expect(rest).to.deep.equal([]);
  });

  it('is refused where it is not whole', () => {
    expect(() => momentsOf('7 1.0 <... write resumed>) = 1')).to.throw('has not begun');
    expect(() => stringsOf('3</a>, "\\x61"..., 500')).to.throw('did not record all');
  });
});

describe('What was told', () => {
  const [one, two] = [markerOf(1, 'Ada-1', 7), markerOf(2, 'Ben', 12)];
  const told = (...calls: string[]) => [...toldIn(momentsOf(calls.map((call) => `1 1.0 ${call}`).join('\n')))];
  const sent = (text: string, { to = '24<TCP:[1->2]>', result = text.length } = {}) =>
    `write(${to}, "${text}", ${text.length}) = ${result}`;

  it('was sent to a socket, from when on that began', () => {
    expect(told(sent('nothing'), sent(`..${one}..${two}`), sent(one))).to.deep.equal([
      [one, 2],
      [two, 2],
    ]);
  });

  it('may have been sent in two parts', () => {
    expect(told(sent(`..${one.slice(0, 4)}`), sent(two, { to: '25<TCP:[3->4]>' }), sent(one.slice(4)))).to.deep.equal([
      [two, 2],
      [one, 4],
    ]);
  });

  it('is not what was not sent, or to no socket', () => {
    expect(told(sent(one, { result: 5 }), sent(one, { result: -1 }))).to.deep.equal([]);
    expect(told(sent(one, { to: '3</r/a>' }), sent(one, { to: '2<socket:[5]>' }))).to.deep.equal([]);
  });
});
