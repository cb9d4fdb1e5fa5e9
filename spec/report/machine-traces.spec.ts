import { expect } from 'chai';
import { withoutMachine } from './machine-traces.js';

describe('A log to be published', () => {
  const paths = new Map([['/tmp/chit-Ab1', 'data']]);

  it("does not have the machine's name and paths, and is the same otherwise", () => {
    const line =
      '{"name":"chit-server","hostname":"alan","pid":7,"log":"/tmp/chit-Ab1/rooms","at":1.5,"list":["/tmp/chit-Ab1"]}\n';
    expect(withoutMachine(line + line, paths)).to.equal(
      '{"name":"chit-server","hostname":"host","pid":7,"log":"data/rooms","at":1.5,"list":["data"]}\n'.repeat(2),
    );
  });

  it('is as it was where a line is torn', () => {
    expect(withoutMachine('{"hostname":"alan","te', paths)).to.equal('{"hostname":"alan","te');
  });
});
