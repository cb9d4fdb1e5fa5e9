import { readFileSync } from 'node:fs';
import { expect } from 'chai';

/** What the compiled module at `url` imports when it runs, itself or by others: packages and Node's modules by name, else files. */
function importsOf(url: URL, found = new Set<string>()): Set<string> {
  found.add(url.pathname.replace(/^.*\/dist\//, 'dist/'));
  const source = readFileSync(url, 'utf8');
  for (const [, specifier = ''] of source.matchAll(
    /^(?:import |(?:import|export) [\w\s{},*]*? from )['"]([^'"\n]+)['"];/gm,
  )) {
    if (!specifier.startsWith('.')) found.add(specifier);
    else if (!found.has(new URL(specifier, url).pathname.replace(/^.*\/dist\//, 'dist/'))) {
      importsOf(new URL(specifier, url), found);
    }
  }
  return found;
}

const dist = new URL('../../../dist/', import.meta.url);
const packages = (names: Set<string>) => [...names].filter((name) => !name.startsWith('dist/'));

describe("A client's session, as it is compiled,", () => {
  it('imports nothing of Node and no package, nor does what it stands on', () => {
    const names = importsOf(new URL('client/session/session.js', dist));
    expect(packages(names)).to.deep.equal([]);
    expect(names.size).to.be.above(10);
    expect(
      [...names].filter((name) => /codec\/(requests|responses|contract)/.test(name)),
      'no codec',
    ).to.deep.equal([]);
  });

  it('is driven without Node too: by timers and RxJS', () => {
    expect(packages(importsOf(new URL('client/chat-session.js', dist)))).to.deep.equal(['rxjs']);
  });

  it('would not be so by what connects it to Node and gRPC', () => {
    const names = packages(importsOf(new URL('client/connect.js', dist)));
    expect(names).to.include.members(['#sha256', 'node:url', '@grpc/grpc-js']);
  });
});
