import { expect } from 'chai';
import { lookUp } from '../../../lib/client/grpc/name-resolver.js';
import { clientLimits } from '../../../lib/client/limits.js';

describe('a look-up of a name', () => {
  it('gives what this machine knows, to all who wait for it', async () => {
    const [one, other] = [lookUp('127.0.0.1'), lookUp('127.0.0.1')];
    one.cancel();
    expect(await other.addresses).to.deep.equal(['127.0.0.1']);
    expect(one.addresses, 'one process for both').to.equal(other.addresses);
  });

  it('is made anew for those who come after the last one has given up', async () => {
    const first = lookUp('127.0.0.1');
    first.cancel();
    first.cancel();
    const second = lookUp('127.0.0.1');
    expect(second.addresses).not.to.equal(first.addresses);
    expect(await second.addresses).to.deep.equal(['127.0.0.1']);
  });

  it('fails where too many are under way [P12]', async () => {
    const under = Array.from({ length: clientLimits.lookUpsMax }, (_, number) => lookUp(`127.0.0.${number + 1}`));
    const error = await lookUp('127.0.1.1').addresses.catch(({ message }: Error) => message);
    expect(error).to.equal(`${clientLimits.lookUpsMax} names are being looked up already`);
    for (const one of under) one.cancel();
    expect(await lookUp('127.0.1.1').addresses).to.deep.equal(['127.0.1.1']);
  });
});
