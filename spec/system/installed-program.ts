import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { onPath } from './on-path.js';

/** Fetching and unpacking a package and what it needs, in milliseconds. */
export const installMsMax = 300_000;

/** Where those who are not root do not look for programs. */
const elsewhere = ['/usr/sbin', '/sbin'];

const found = new Map<string, Promise<string>>();

/**
 * The path of a program of a Debian package, whatever of `names` it is called. Where there is none the package is installed, as root on
 * Debian and what derives from it; elsewhere rejects with one line that says what to install.
 */
export function installedProgram(debianPackage: string, names: readonly string[] = [debianPackage]): Promise<string> {
  const path = found.get(debianPackage) ?? findOrInstall(debianPackage, names);
  found.set(debianPackage, path);
  return path;
}

async function findOrInstall(debianPackage: string, names: readonly string[]): Promise<string> {
  const there = onPath(names, elsewhere);
  if (there) return there;
  const aptGet = onPath(['apt-get']);
  if (process.getuid?.() === 0 && aptGet) {
    const options = { timeout: installMsMax, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    await promisify(execFile)(aptGet, ['update', '-q'], options);
    await promisify(execFile)(aptGet, ['install', '-q', '-y', '--no-install-recommends', debianPackage], options);
    const installed = onPath(names, elsewhere);
    if (installed) return installed;
  }
  throw new Error(`There is no ${names.join(', ')} on PATH. Install it, such as by: apt-get install ${debianPackage}.`);
}
