import { readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { runInThisContext } from 'node:vm';
import { expect } from 'chai';
import { BrowserPage } from './browser-page.js';
import { installMsMax } from './chromium.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { projectFile } from './project.js';

/** What is run, as it is built. */
const modules = {
  room: 'core/room.js',
  roomState: 'core/room-state.js',
  limits: 'core/limits.js',
  ids: 'core/session-id.js',
  chain: 'core/chain.js',
  session: 'client/session/session.js',
  sessionState: 'client/session/state.js',
};

/** A function's text: a room's life, and the first step of a client's session, as plain data. */
const life = `({ room, roomState, limits, ids, chain, session, sessionState }) => {
  const lobby = roomState.emptyRoom('lobby');
  const id = ids.sessionId('lobby', Uint8Array.from({ length: 16 }, (_, index) => 255 - index));
  const sent = { session: id, senderLamport: 0, newestLamport: 0, timeMs: 1_800_000_000_123 };
  const publish = (_, index) => ({ ...sent, kind: 'publish', text: 'ü🎉 ' + index, ordinal: index + 1, seen: index });
  const commands = [{ ...sent, kind: 'join', name: 'Ådä', resumable: true }, ...Array.from({ length: 200 }, publish)];
  const decisions = commands.map((command) => room.step(lobby, command, limits.defaultLimits));
  const parts = lobby.snapshots.nextUnwritten(100);
  const options = { server: 'x:1', room: 'lobby', name: 'Ada', history: 0, reconnect: true };
  const state = new sessionState.SessionState({ ...options, offlineMsMax: 1_000, publishMsMax: 1_000 });
  const now = { ms: 1, wallMs: 1_800_000_000_000, random: 0.5 };
  const effects = session.sessionProtocol(chain.nextChain)(state, { kind: 'begin', now });
  return JSON.parse(JSON.stringify({ decisions, parts, snapshot: roomState.snapshotOf(lobby), tag: ids.sessionTag(id), effects }));
}`;

const built = (path: string) => projectFile(join('dist', path));

/** The modules that `path` imports, itself or by others, with names in place of relative paths. */
function sources(path: string, found = new Map<string, string>()): Map<string, string> {
  found.set(path, '');
  const source = readFileSync(built(path), 'utf8').replaceAll(/(from |import )'(\.[^']+)'/g, (_, before, specifier) => {
    const imported = posix.join(posix.dirname(path), specifier);
    if (!found.has(imported)) sources(imported, found);
    return `${before}'${imported}'`;
  });
  return found.set(path, source);
}

describe('The core and the session of clients', function () {
  // Chromium may have to be installed first.
  this.timeout(installMsMax + 60_000);
  const endings = endedAfterEach();

  it('come to the same in a browser as in Node: events, chains, snapshots, tags and effects [P1]', async () => {
    const { imports } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8'));
    const hash = imports['#sha256'].default.replace('./dist/', '');
    const all = new Map([...Object.values(modules), hash].flatMap((path) => [...sources(path)]));
    all.set('#sha256', all.get(hash) ?? '');
    const urls = [...all].map(([name, source]) => [
      name,
      `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`,
    ]);
    const map = JSON.stringify({ imports: Object.fromEntries(urls) });
    const file = join(temporaryDirectory(endings), 'page.html');
    writeFileSync(file, `<!doctype html><script type="importmap">${map}</script>`);
    const page = await BrowserPage.open(endings, file);
    const loaded = Object.entries(modules).map(([name, path]) => `${name}: await import('${path}')`);
    const inBrowser = await page.evaluate<{ decisions: unknown[] }>(`(async () => (${life})({ ${loaded} }))()`);
    expect(page.complaints).to.deep.equal([]);

    const inNode = Object.entries(modules).map(async ([name, path]) => [name, await import(built(path))]);
    expect(inBrowser.decisions).to.have.length(201);
    expect(inBrowser).to.deep.equal(runInThisContext(life)(Object.fromEntries(await Promise.all(inNode))));
  });
});
