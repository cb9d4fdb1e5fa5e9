import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { onPath } from './on-path.js';

/** As distributions and vendors call it. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
/** Fetching and unpacking the package and what it needs, in milliseconds. */
export const installMsMax = 300_000;

let found: Promise<string> | undefined;

/**
 * The path of a Chromium or Chrome. Where there is none it is installed, as root on Debian and what derives from it; elsewhere rejects with
 * one line that says what to install.
 */
export function chromium(): Promise<string> {
  found ??= findOrInstall();
  return found;
}

/** What a Chromium needs that is to run by itself, also as root, ask nobody, and leave the network alone. `profile`: an empty folder. */
export function chromiumFlags(profile: string): string[] {
  return [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    `--user-data-dir=${profile}`,
  ];
}

async function findOrInstall(): Promise<string> {
  const there = onPath(names);
  if (there) return there;
  const aptGet = onPath(['apt-get']);
  if (process.getuid?.() === 0 && aptGet) {
    const options = { timeout: installMsMax, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    await promisify(execFile)(aptGet, ['update', '-q'], options);
    await promisify(execFile)(aptGet, ['install', '-q', '-y', '--no-install-recommends', 'chromium'], options);
    const installed = onPath(names);
    if (installed) return installed;
  }
  throw new Error(
    `There is no Chromium on PATH (${names.join(', ')}). Install it: apt-get install chromium, or from chromium.org.`,
  );
}
