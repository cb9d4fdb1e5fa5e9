import { expect } from 'chai';
import fc from 'fast-check';
import { principalOf } from '../../../lib/server/access/principal.js';

describe('who counts as one where shares are counted', () => {
  it('is an IPv4 address, whatever the port, and however IPv6 writes it', () => {
    for (const peer of ['192.0.2.7:1', '192.0.2.7:65535', '::ffff:192.0.2.7:4000', '::ffff:c000:207:4000']) {
      expect(principalOf(peer), peer).to.equal('192.0.2.7');
    }
  });

  it('is of IPv6 the first 64 bits', () => {
    const one = principalOf('2001:db8:0:1::1:4000');
    for (const peer of ['2001:db8:0:1:ffff:ffff:ffff:ffff:1', '2001:0db8:0000:0001::2:1', '2001:DB8:0:1::9:1']) {
      expect(principalOf(peer), peer).to.equal(one);
    }
    for (const peer of ['2001:db8:0:2::1:4000', '2001:db8::1:4000', '2001:db9:0:1::1:4000', '::1:4000']) {
      expect(principalOf(peer), peer).not.to.equal(one);
    }
    expect(principalOf('fe80::1%eth0:4000')).to.equal(principalOf('fe80::2%eth1:4000'));
  });

  it('stands for itself where it is no address', () => {
    expect(principalOf('fake:1')).to.equal('fake');
    expect(principalOf('unknown')).to.be.a('string');
  });

  it('does not depend on how the address is written, nor on its last 64 bits', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(
        fc.array(group, { minLength: 4, maxLength: 4 }),
        fc.array(group, { minLength: 4, maxLength: 4 }),
        (network, host) => {
          const written = (groups: readonly number[]) => groups.map((one) => one.toString(16)).join(':');
          const long = `${written(network)}:${written(host)}`;
          const short = new URL(`http://[${long}]/`).hostname.slice(1, -1);
          if (short.startsWith('::ffff:')) return;
          expect(principalOf(`${short}:1`)).to.equal(principalOf(`${long}:2`));
          expect(principalOf(`${long}:1`)).to.equal(principalOf(`${written(network)}::1:1`));
        },
      ),
    );
  });
});
