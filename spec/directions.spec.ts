import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const project = fileURLToPath(new URL('..', import.meta.url));
const configuration = join(project, '.dependency-cruiser.cjs');

interface Cruise {
  readonly modules: readonly { readonly source: string; readonly dependencies: readonly unknown[] }[];
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

/** Reads `directory`/lib with the project's rules, by the command line that `npm run deps` uses. */
async function cruise(directory: string): Promise<Cruise> {
  const command = join(project, 'node_modules', '.bin', 'depcruise');
  const { stdout } = await promisify(execFile)(command, ['--config', configuration, '--output-type', 'json', 'lib'], {
    cwd: directory,
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(stdout) as Cruise;
}

/** For each rule, files that break it; the first of them is the one to be reported. */
const violations: Record<string, Record<string, string>> = {
  'core-knows-nothing-else': { 'lib/core/one.ts': "import type { Log } from '../server/log/good.js';" },
  'core-is-pure': { 'lib/core/two.ts': "import { readFileSync } from 'node:fs';" },
  'browsers-need-no-node': {
    'lib/client/session/three.ts': "import type { LogFormat } from '../../codec/log-records.js';",
    'lib/codec/log-records.ts': "import type { Stats } from 'node:fs';",
  },
  'codec-knows-core': { 'lib/codec/one.ts': "import '../server/actors/good.js';" },
  'platform-knows-nothing-else': { 'lib/platform/one.ts': "import '../core/good.js';" },
  'log-knows-core-and-codec': { 'lib/server/log/one.ts': "export * from '../actors/good.js';" },
  'room-knows-no-actor': { 'lib/server/room/one.ts': "import '../actors/good.js';" },
  'service-knows-no-wire': { 'lib/server/service/one.ts': "import '../rpc/good.js';" },
  'actors-know-no-transport': { 'lib/server/actors/one.ts': "import '../rpc/good.js';" },
  'access-knows-core': { 'lib/server/access/one.ts': "import '../../platform/good.js';" },
  'door-knows-no-chat': { 'lib/server/door/one.ts': "import '../actors/good.js';" },
  'actors-choose-no-store': { 'lib/server/actors/two.ts': "import type { Log } from '../log/good.js';" },
  'rpc-knows-no-store': { 'lib/server/rpc/one.ts': "const log = await import('../log/good.js');" },
  'client-knows-no-server': {
    'lib/client/one.tsx': "import '../server/actors/good.js';\nexport const page = <T,>(text: T) => <b>{text}</b>;",
  },
  'display-knows-core': { 'lib/display/one.ts': "import '../client/good.js';" },
  'session-knows-no-driver': { 'lib/client/session/one.ts': "import '../chat-session.js';" },
  'session-is-pure': {
    'lib/core/clock.ts': "import { hash } from 'node:crypto';",
    'lib/client/session/two.ts': "import { Subject } from 'rxjs';",
  },
  'client-drivers-apart': { 'lib/client/chat-session.ts': "import './grpc/good.js';" },
  'chat-knows-client-and-display': { 'lib/chat/one.ts': "import '../codec/good.js';" },
  'trace-command-knows-no-client': { 'lib/cli/trace/one.ts': "import '../../chat/good.js';" },
  'ink-only-at-the-terminal': { 'lib/chat/two.ts': "import { Box } from 'ink';" },
  'trace-knows-no-program': { 'lib/trace/one.ts': "import type { Log } from '../server/log/good.js';" },
  'history-judges-nothing': { 'lib/trace/history/one.ts': "import '../check/good.js';" },
  'check-draws-nothing': { 'lib/trace/check/one.ts': "import '../draw/good.js';" },
  'space-time-judges-nothing': { 'lib/trace/space-time/one.ts': "import '../check/good.js';" },
  'draw-knows-space-time': { 'lib/trace/draw/one.ts': "import '../history/good.js';" },
  'show-knows-space-time': { 'lib/trace/show/one.ts': "import '../check/good.js';" },
  'foreign-knows-check': { 'lib/trace/foreign/one.ts': "import '../space-time/good.js';" },
  'trace-decides-by-itself': { 'lib/trace/three.ts': "import '../core/good.js';" },
  'trace-is-pure': { 'lib/trace/two.ts': "import { readFileSync } from 'node:fs';" },
  'cli-starts-programs': { 'lib/cli/one.ts': "import '../server/rpc/good.js';" },
  'grpc-only-at-the-edges': { 'lib/server/actors/three.ts': "import { Server } from '@grpc/grpc-js';" },
  'no-circle': {
    'lib/core/circle-a.ts': "import './circle-b.js';",
    'lib/core/circle-b.ts': "import './circle-a.js';",
  },
  'only-declared-packages': { 'lib/server/rpc/two.ts': "import { expect } from 'chai';" },
  resolvable: { 'lib/server/rpc/three.ts': "import './nowhere.js';" },
};

/** What each folder may import. */
const allowed: Record<string, string> = {
  'lib/core/good.ts': "import { sha256 } from '#sha256';",
  'lib/codec/good.ts': "import '../core/good.js';",
  'lib/server/log/event-log.ts': "import type { Good } from '../../core/good.js';",
  'lib/platform/good.ts': "import bunyan from 'bunyan';\nimport { mkdirSync } from 'node:fs';",
  'lib/server/log/good.ts':
    "import { open } from 'lmdb';\nimport './event-log.js';\nimport '../../codec/good.js';\nimport '../../platform/good.js';",
  'lib/server/actors/good.ts':
    "import { Subject } from 'rxjs';\nimport '../log/event-log.js';\nimport '../../platform/good.js';",
  'lib/server/rpc/good.ts':
    "import { Server } from '@grpc/grpc-js';\nimport '../actors/good.js';\nimport '../../codec/good.js';",
  'lib/server/room/good.ts':
    "import { Subject } from 'rxjs';\nimport '../log/event-log.js';\nimport '../access/good.js';",
  'lib/server/service/good.ts': "import '../actors/good.js';\nimport '../../codec/good.js';",
  'lib/server/access/good.ts': "import '../../core/good.js';",
  'lib/server/door/good.ts': "import { createServer } from 'node:net';\nimport '../access/good.js';",
  'lib/client/good.ts': "import { Subject } from 'rxjs';\nimport '../codec/good.js';\nimport './session/good.js';",
  'lib/client/grpc/good.ts': "import { Client } from '@grpc/grpc-js';\nimport '../session/good.js';",
  'lib/client/session/good.ts': "import '../../core/event.js';\nimport '../limits.js';",
  'lib/client/limits.ts': 'export {};',
  'lib/display/good.ts': "import '../core/good.js';",
  'lib/chat/good.ts': "import '../client/good.js';\nimport '../display/good.js';\nimport '../platform/good.js';",
  'lib/chat/terminal/good.tsx': "import { Box } from 'ink';",
  'lib/core/event.ts': '',
  'lib/trace/good.ts':
    "import '../core/event.js';\nimport '../codec/good.js';\nimport '../display/good.js';\nimport '../platform/good.js';",
  'lib/trace/history/good.ts': "import '../../core/event.js';\nimport '../../codec/good.js';",
  'lib/trace/check/good.ts': "import '../history/good.js';",
  'lib/trace/space-time/good.ts': "import '../history/good.js';",
  'lib/trace/draw/good.ts': "import '../../display/good.js';\nimport '../space-time/good.js';",
  'lib/trace/show/good.ts': "import '../../display/good.js';\nimport '../space-time/good.js';",
  'lib/trace/foreign/good.ts': "import '../check/good.js';\nimport '../history/good.js';",
  'lib/server/server.ts': "import './rpc/good.js';\nimport './log/good.js';",
  'lib/cli/good.ts': "import '../server/server.js';\nimport '../client/good.js';\nimport '../chat/good.js';",
  'lib/cli/trace/good.ts': "import '../../trace/good.js';\nimport '../../display/good.js';",
  'dist/platform/sha256.js': "import { hash } from 'node:crypto';",
  'package.json': JSON.stringify({
    type: 'module',
    imports: JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')).imports,
    dependencies: { '@grpc/grpc-js': '*', bunyan: '*', ink: '*', lmdb: '*', rxjs: '*' },
    devDependencies: { chai: '*' },
  }),
};

describe('The directions of imports', () => {
  let planted: Cruise;
  let directory: string;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'chit-'));
    symlinkSync(join(project, 'node_modules'), join(directory, 'node_modules'));
    for (const files of [allowed, ...Object.values(violations)]) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(directory, path)), { recursive: true });
        writeFileSync(join(directory, path), `${text}\n`);
      }
    }
    planted = await cruise(directory);
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  function reported(path: string): string[] {
    return planted.summary.violations.filter(({ from }) => from === path).map(({ rule }) => rule.name);
  }

  it('are kept by lib, all of which was read', async () => {
    const { modules, summary } = await cruise(project);
    const read = modules.filter(({ source }) => source.startsWith('lib/'));
    expect(read).to.have.length.greaterThan(20);
    expect(read.flatMap(({ dependencies }) => dependencies)).to.have.length.greaterThan(20);
    expect(summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`)).to.deep.equal([]);
  });

  it('are told in each folder of lib, in ten lines at most', async () => {
    const folders = readdirSync(join(project, 'lib'), { recursive: true, withFileTypes: true }).filter((one) =>
      one.isDirectory(),
    );
    for (const { parentPath, name } of folders) {
      const lines = readFileSync(join(parentPath, name, 'README.md'), 'utf8')
        .trimEnd()
        .split('\n');
      expect(lines.length, name).to.be.within(2, 10);
    }
  });

  it('have a violation planted for every rule', async () => {
    const { default: rules } = await import(configuration);
    const names = rules.forbidden.map(({ name }: { name: string }) => name);
    expect(Object.keys(violations).sort()).to.deep.equal(names.sort());
  });

  for (const [rule, files] of Object.entries(violations)) {
    const path = Object.keys(files)[0] ?? '';
    it(`are broken by ${path}, which ${rule} reports`, () => expect(reported(path)).to.include(rule));
  }

  it('lead to no global of Node where a browser runs what is there', async () => {
    const config = {
      extends: join(project, 'tsconfig.browser.json'),
      compilerOptions: { rootDir: '.' },
      include: ['globals.ts'],
    };
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config));
    writeFileSync(
      join(directory, 'globals.ts'),
      'export const all = [new TextEncoder(), Buffer, process, setImmediate];\n',
    );
    const compiler = join(project, 'node_modules', '.bin', 'tsc');
    const { stdout } = await promisify(execFile)(compiler, ['-p', directory]).catch((error) => error);
    const unknown = [...stdout.matchAll(/Cannot find name '(\w+)'/g)].map(([, name]) => name);
    expect(unknown, stdout).to.deep.equal(['Buffer', 'process', 'setImmediate']);
  });

  for (const path of Object.keys(allowed).filter((name) => name.startsWith('lib/'))) {
    it(`allow what ${path} imports`, () => expect(reported(path)).to.deep.equal([]));
  }
});
