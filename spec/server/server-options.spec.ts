import { expect } from 'chai';
import { createServer, defaultLimits } from '../../lib/server/server.js';

describe('createServer', () => {
  const fault = async (limits: Partial<Record<string, number>>): Promise<string> => {
    try {
      const server = await createServer({ listen: '127.0.0.1:0', memory: true, limits });
      await server.close();
      return 'none';
    } catch (error) {
      return String(error);
    }
  };

  it('refuses limits with which nothing would work [P12]', async () => {
    expect(await fault({ groupDraftsMax: 0 })).to.include('groupDraftsMax is an integer, 1 or more');
    expect(await fault({ mailboxMessagesMax: 0 })).to.include('1 or more');
    expect(await fault({ publishesPerSecondMax: -1 })).to.include('0 or more');
    expect(await fault({ roomsMax: 1.5 })).to.include('an integer');
    expect(await fault({ nonsense: 1 })).to.include('There is no limit nonsense');
  });

  it('takes any of its own limits at 1, and 0 where that means none', async () => {
    const least = Object.fromEntries(Object.keys(defaultLimits).map((name) => [name, 1]));
    expect(await fault(least)).to.equal('none');
    expect(await fault({ publishesPerSecondMax: 0, companyMsMax: 0, tailBytesMax: 0 })).to.equal('none');
  });
});
