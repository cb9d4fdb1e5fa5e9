import { expect } from 'chai';
import { formatListenAddress, parseListenAddress } from '../../lib/rpc/listen-address.js';

describe('a listen address', () => {
  it('is a host and a port', () => {
    expect(parseListenAddress('127.0.0.1:4000')).to.deep.equal({ host: '127.0.0.1', port: 4000 });
    expect(parseListenAddress('localhost:0')).to.deep.equal({ host: 'localhost', port: 0 });
  });

  it('has an IPv6 host in brackets', () => {
    expect(parseListenAddress('[::1]:4000')).to.deep.equal({ host: '::1', port: 4000 });
    expect(parseListenAddress('[fe80::1%eth0]:65535')).to.deep.equal({ host: 'fe80::1%eth0', port: 65_535 });
  });

  it('is read back from how it is written', () => {
    for (const text of ['127.0.0.1:4000', '[::1]:0', 'chat.example:65535']) {
      const address = parseListenAddress(text);
      expect(address && formatListenAddress(address)).to.equal(text);
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
      ' a:1',
      '[]:1',
      'http://a:1',
    ]) {
      expect(parseListenAddress(text), text).to.equal(undefined);
    }
  });
});
