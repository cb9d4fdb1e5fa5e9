import { createServer } from 'node:net';

/** One that is not the honest clients', so that what the server allows an address is not theirs. */
const address = '127.0.0.66';

/** The address that attackers come from; undefined where the machine has only one of its own, as macOS does. */
export function attackerAddress(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(0, address, () => probe.close(() => resolve(address)));
  });
}
