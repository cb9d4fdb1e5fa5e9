import { expect } from 'chai';
import {
  NotAProxy,
  parseProxy,
  proxyFailure,
  proxyFromEnvironment,
  proxyName,
} from '../../../lib/client/grpc/proxy.js';

const away = { host: 'chat.example', port: 4000 };

function byEnvironment(env: NodeJS.ProcessEnv, server = away): string | undefined {
  const proxy = proxyFromEnvironment(server, env);
  return proxy && proxyName(proxy);
}

describe('A proxy', () => {
  it('is written as a URL, with or without scheme, port and credentials', () => {
    expect(parseProxy('http://proxy:3128')).to.deep.equal({ host: 'proxy', port: 3128, credentials: undefined });
    expect(parseProxy('proxy')).to.deep.equal({ host: 'proxy', port: 80, credentials: undefined });
    expect(parseProxy('http://a%40b:c@[::1]:8080/')).to.deep.equal({ host: '::1', port: 8080, credentials: 'a@b:c' });
    expect(parseProxy('http://:only@proxy')).to.deep.include({ credentials: ':only' });
  });

  for (const user of ['100%:pw', '%C3:pw', 'a%3Ab:pw', 'a%0D%0A:pw']) {
    it(`is refused where its user or password cannot be told to it, as in “${user}”`, () => {
      expect(() => parseProxy(`http://${user}@proxy:1`)).to.throw(NotAProxy, 'USER without a colon');
    });
  }

  for (const [answer, cure] of [
    [407, 'Name it with user and password: http://USER:PASSWORD@HOST:PORT.'],
    [403, 'Have its operator allow that address and port, or go without a proxy.'],
    [502, 'It could not reach the server: look whether the address is right, and the server runs.'],
    [405, 'It may be no proxy that makes connections (CONNECT): name another one, or go without.'],
    [299, 'It may be no proxy that makes connections (CONNECT): name another one, or go without.'],
    ['connect ECONNREFUSED 10.0.0.1:1', 'Look whether it runs, or name another one.'],
  ] as const) {
    it(`that answers ${answer} is named, with what to do`, () => {
      const text = proxyFailure(parseProxy('http://10.0.0.1:1'), 'chat:4000', answer);
      expect(text)
        .to.match(/^the proxy 10\.0\.0\.1:1 .*chat:4000/)
        .and.include(String(answer));
      expect(text.endsWith(`. ${cure}`), text).to.equal(true);
    });
  }

  it('that has been told a user and a password, and wants others, is not asked for them again', () => {
    const text = proxyFailure(parseProxy('http://ada:pw@proxy:1'), 'chat:4000', 407);
    expect(text).to.include('put them right').and.not.include('pw');
  });

  for (const text of ['', 'http://', 'https://proxy:3128', 'socks5://proxy', 'http://proxy/path', 'http://pro xy']) {
    it(`is not “${text}”`, () => {
      expect(() => parseProxy(text)).to.throw(NotAProxy, 'http://HOST:PORT');
    });
  }

  it('is shown without its credentials', () => {
    expect(proxyName(parseProxy('http://user:secret@proxy:3128'))).to.equal('http://proxy:3128');
  });
});

describe('The proxy of the environment', () => {
  for (const name of ['grpc_proxy', 'https_proxy', 'http_proxy', 'all_proxy']) {
    it(`is read from ${name}, in small and in capital letters`, () => {
      expect(byEnvironment({ [name]: 'http://proxy:1' })).to.equal('http://proxy:1');
      expect(byEnvironment({ [name.toUpperCase()]: 'http://proxy:1' })).to.equal('http://proxy:1');
    });
  }

  it('is none unless it is named, and the one meant most of several', () => {
    expect(byEnvironment({})).to.equal(undefined);
    expect(byEnvironment({ http_proxy: '' })).to.equal(undefined);
    expect(byEnvironment({ http_proxy: 'http://a:1', GRPC_PROXY: 'http://b:2' })).to.equal('http://b:2');
  });

  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost', 'LOCALHOST', 'x.localhost']) {
    it(`is never used for ${host}`, () => {
      expect(byEnvironment({ grpc_proxy: 'http://proxy:1' }, { host, port: 4000 })).to.equal(undefined);
    });
  }

  for (const [no_proxy, host, excepted] of [
    ['*', 'chat.example', true],
    ['chat.example', 'chat.example', true],
    ['CHAT.example', 'Chat.Example', true],
    ['example', 'chat.example', true],
    ['.example', 'chat.example', true],
    ['*.example', 'chat.example', true],
    ['ample', 'chat.example', false],
    ['other, chat.example', 'chat.example', true],
    ['chat.example.', 'chat.example', true],
    ['.example', 'chat.example.', true],
    ['.', 'chat.example.', false],
    ['chat.example:4000', 'chat.example', true],
    ['chat.example:4001', 'chat.example', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['10.0.0.0/99', '10.1.2.3', false],
    ['fd00::/8', 'fd12::1', true],
    ['[fd12::1]:4000', 'fd12::1', true],
    ['', 'chat.example', false],
  ] as const) {
    it(`is ${excepted ? 'not ' : ''}used for ${host} where no_proxy is “${no_proxy}”`, () => {
      for (const name of ['no_proxy', 'NO_PROXY', 'no_grpc_proxy']) {
        const proxy = byEnvironment({ http_proxy: 'http://proxy:1', [name]: no_proxy }, { host, port: 4000 });
        expect(proxy).to.equal(excepted ? undefined : 'http://proxy:1');
      }
    });
  }
});
