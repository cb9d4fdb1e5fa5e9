import { openStore } from '../../../../lib/server/log/write-ahead/open-store.js';
import { WriteAheadLog } from '../../../../lib/server/log/write-ahead/write-ahead-log.js';
import { itIsAnEventLog } from '../event-log-contract.js';
import { decode } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';

const options = { flushes: true, takeOverBytes: 1024 * 1024, takeOverMs: 1000, waitingBytesMax: 16 * 1024 * 1024 };

describe('WriteAheadLog', () => {
  const newDirectory = temporaryDirectories();
  const open = async (changes: Partial<typeof options> = {}) => {
    const directory = newDirectory();
    return WriteAheadLog.open(directory, await openStore(directory, { decode }), { ...options, ...changes });
  };

  describe('whose store takes over now and then', () => {
    itIsAnEventLog(() => open());
  });
  describe('whose store takes over whatever is appended', () => {
    itIsAnEventLog(() => open({ takeOverBytes: 1 }));
  });
  describe('whose store takes over in the first pause', () => {
    itIsAnEventLog(() => open({ takeOverMs: 1 }));
  });
  describe('that lets next to nothing wait', () => {
    itIsAnEventLog(() => open({ waitingBytesMax: 1 }));
  });
  describe('that survives the end of the process only', () => {
    itIsAnEventLog(() => open({ flushes: false }));
  });
});
