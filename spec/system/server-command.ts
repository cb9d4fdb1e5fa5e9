import { expect } from 'chai';
import { Child } from './child.js';
import type { Endings } from './endings.js';
import { eventually } from './eventually.js';
import { projectFile } from './project.js';

/** Any port that is free. */
export const free = '127.0.0.1:0';

/** Starts `chit-server` with these options and no others. */
export function serverCommand(endings: Endings, args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
  return new Child(endings, process.execPath, [projectFile('bin/chit-server'), ...args], { env });
}

/** The address that it says it listens on. */
export function listening(child: Child): Promise<string> {
  return eventually(
    () => `the server's start; it says: ${child.errorLines.join('\n')}`,
    () => child.lines.map((line) => / is listening on (\S+)$/.exec(line)?.[1]).find(Boolean),
    20_000,
  );
}

/** That the command ends with `code` and one line, which matches. */
export async function expectFailure(child: Child, code: number, line: RegExp): Promise<void> {
  expect(await child.ended).to.equal(code);
  expect(child.errorLines.join('\n')).to.match(/^chit-server: .+$/);
  expect(child.errorLines[0]).to.match(line);
  expect(child.lines).to.deep.equal([]);
}
