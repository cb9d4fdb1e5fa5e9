import { installedProgram, installMsMax } from './installed-program.js';

export { installMsMax };

/** As distributions and vendors call it. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
/**
 * The path of a Chromium or Chrome. Where there is none it is installed, as root on Debian and what derives from it; elsewhere rejects with
 * one line that says what to install.
 */
export function chromium(): Promise<string> {
  return installedProgram('chromium', names);
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
