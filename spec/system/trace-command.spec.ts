import { expect } from 'chai';
import { endedAfterEach } from './endings.js';
import { traced, traceProgram } from './trace-program.js';

describe('chit-trace', function () {
  this.timeout(20_000);
  const endings = endedAfterEach();

  it('names the help that has the options of what was asked for', async () => {
    const said = async (...args: readonly string[]) => (await traced(endings, args)).errorLines;
    expect(await said('draw')).to.deep.equal([
      "chit-trace: missing required argument 'LOG'. See chit-trace draw --help.",
    ]);
    expect((await said('show', '/nowhere.log'))[0]).to.match(/ See chit-trace show --help\.$/);
    expect((await said('paint'))[0]).to.match(/unknown command 'paint'\. See chit-trace --help\.$/);
  });

  it('ends with 2, and not with what a broken promise ends with, when nobody reads what is wrong', async () => {
    const unread = traceProgram(endings, ['check', '/nowhere.log']);
    unread.closeErrors();
    expect(await unread.ended).to.equal(2);
  });
});
