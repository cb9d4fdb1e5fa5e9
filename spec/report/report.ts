import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '../system/chromium.js';
import { Endings, temporaryDirectory } from '../system/endings.js';
import { projectFile } from '../system/project.js';
import { fillIn } from './marked-parts.js';
import { printedPage } from './page.js';
import { partsFrom } from './parts.js';
import { printPdf } from './print-pdf.js';
import { run } from './run.js';
import { readRunLogs } from './run-logs.js';
import { diagram, verdict } from './traced.js';

/**
 * Makes the report [H1]–[H7] anew: a real run, its logs (docs/logs), their diagram, what docs/report.md says of them, and docs/report.pdf.
 * Nothing in docs is changed before the run has been checked.
 */
async function report(say: (line: string) => void): Promise<number> {
  if (!existsSync(projectFile('dist/server/server.js'))) {
    say('The programs are not built yet. Run: npm run build');
    return 1;
  }
  const endings = new Endings();
  try {
    // Whoever cannot print is told so before anything is changed.
    await chromium();
    const folder = temporaryDirectory(endings);
    await run(endings, join(folder, 'docs/logs'), say);
    const said = await verdict(endings, folder);
    say(said);
    await diagram(endings, folder, 'docs/report-diagram.svg');
    cpSync(join(folder, 'docs'), projectFile('docs'), { recursive: true });

    const page = projectFile('docs/report.md');
    const markdown = fillIn(readFileSync(page, 'utf8'), partsFrom(readRunLogs(projectFile('docs/logs')), said));
    writeFileSync(page, markdown);
    const html = join(folder, 'report.html');
    writeFileSync(html, printedPage(markdown, projectFile('docs')));
    await printPdf(endings, html, projectFile('docs/report.pdf'));
    say('Written: docs/logs, docs/report-diagram.svg, docs/report.md, docs/report.pdf');
    return 0;
  } catch (error) {
    say(`The report was not made: ${(error as Error).message}`);
    return 1;
  } finally {
    await endings.run();
  }
}

process.exitCode = await report((line) => process.stdout.write(`${line}\n`));
