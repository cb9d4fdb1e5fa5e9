import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Child } from '../system/child.js';
import { type Endings, temporaryDirectory } from '../system/endings.js';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The Chromium of this machine; undefined where there is none in PATH. */
export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Prints an HTML file as a PDF, without network. Rejects with what Chromium says where it fails. */
export async function printPdf(endings: Endings, chromium: string, html: string, pdf: string): Promise<void> {
  const quiet = ['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const child = new Child(endings, chromium, [
    ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', ...quiet],
    `--user-data-dir=${temporaryDirectory(endings)}`,
    ...['--no-pdf-header-footer', `--print-to-pdf=${pdf}`, `file://${html}`],
  ]);
  const late = setTimeout(() => child.signal('SIGKILL'), printMsMax);
  const code = await child.ended;
  clearTimeout(late);
  if (code !== 0) throw new Error(`${chromium} ended with ${code}: ${child.errorLines.at(-1) ?? ''}`);
}

/** How long Chromium may take to print, in milliseconds. */
const printMsMax = 60_000;
