import { Child } from '../system/child.js';
import { chromium, chromiumFlags } from '../system/chromium.js';
import { type Endings, temporaryDirectory } from '../system/endings.js';

/** How long Chromium may take to print, in milliseconds. */
const printMsMax = 60_000;

/** Prints an HTML file as a PDF, without network. Rejects with what Chromium says where it fails. */
export async function printPdf(endings: Endings, html: string, pdf: string): Promise<void> {
  const program = await chromium();
  const printing = ['--no-pdf-header-footer', `--print-to-pdf=${pdf}`, `file://${html}`];
  const child = new Child(endings, program, [...chromiumFlags(temporaryDirectory(endings)), ...printing]);
  const late = setTimeout(() => child.signal('SIGKILL'), printMsMax);
  const code = await child.ended;
  clearTimeout(late);
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${child.errorLines.at(-1) ?? ''}`);
}
