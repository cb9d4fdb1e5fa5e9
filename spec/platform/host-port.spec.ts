import { expect } from 'chai';
import { formatHostPort, parseHostPort } from '../../lib/platform/host-port.js';

describe('An address', () => {
  it('is a host and a port', () => {
    expect(parseHostPort('127.0.0.1:4000', 1)).to.deep.equal({ host: '127.0.0.1', port: 4000 });
    expect(parseHostPort('chat.example:1', 1)).to.deep.equal({ host: 'chat.example', port: 1 });
  });

  it('may have port 0 where somebody is to listen, not where somebody does', () => {
    expect(parseHostPort('localhost:0', 0)).to.deep.equal({ host: 'localhost', port: 0 });
    expect(parseHostPort('localhost:0', 1)).to.equal(undefined);
  });

  it('has an IPv6 host in brackets', () => {
    expect(parseHostPort('[::1]:4000', 1)).to.deep.equal({ host: '::1', port: 4000 });
    expect(parseHostPort('[fe80::1%eth0]:65535', 1)).to.deep.equal({ host: 'fe80::1%eth0', port: 65_535 });
  });

  it('is read back from how it is written', () => {
    for (const text of ['127.0.0.1:4000', '[::1]:0', 'chat.example:65535']) {
      const address = parseHostPort(text, 0);
      expect(address && formatHostPort(address)).to.equal(text);
    }
  });

  it('is none without a host, without a port, or with a port there is not', () => {
    for (const text of [
      '',
      '4000',
      ':4000',
      'localhost',
      'localhost:',
      '::1:4000',
      'a:65536',
      'a:-1',
      'a:1x',
      'a:1:2',
      ' a:1',
      'a b:1',
      '[]:1',
      '[a',
      'me@a:1',
      'a/b:1',
      'http://a:1',
    ]) {
      expect(parseHostPort(text, 0), text).to.equal(undefined);
    }
  });
});
