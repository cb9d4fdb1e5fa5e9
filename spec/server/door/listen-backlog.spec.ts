import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { defaultLimits } from '../../../lib/core/limits.js';
import { grantedBacklog } from '../../../lib/server/door/listener.js';
import { endedAfterEach, temporaryDirectory } from '../../system/endings.js';

describe('the queue of connections that wait to be accepted', () => {
  const endings = endedAfterEach();

  it('is as long as the system grants, and as asked for where the system does not say', () => {
    const file = join(temporaryDirectory(endings), 'somaxconn');
    expect(grantedBacklog(4096, file)).to.equal(4096);
    for (const [says, granted] of [
      ['128\n', 128],
      ['4096\n', 4096],
      ['65535\n', 4096],
      ['\n', 4096],
      ['none\n', 4096],
    ] as const) {
      writeFileSync(file, says);
      expect(grantedBacklog(4096, file), says).to.equal(granted);
    }
  });

  it('has a place for every connection that may be open', () => {
    expect(defaultLimits.listenBacklogMax).to.be.at.least(defaultLimits.connectionsMax);
  });
});
