import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Marked } from 'marked';

/**
 * A Markdown text of the folder `docs` as one HTML page to be printed. Pictures are within it; links lead out of it only where they lead into the
 * world, as a link into the folder would lead nowhere on paper.
 */
export function printedPage(markdown: string, docs: string): string {
  const style = readFileSync(new URL('print.css', import.meta.url), 'utf8');
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? '';
  const marked = new Marked({
    gfm: true,
    async: false,
    renderer: {
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens);
        return /^https?:/.test(href) ? `<a href="${escaped(href)}">${text}</a>` : text;
      },
      image({ href, text }) {
        const picture = readFileSync(join(docs, href)).toString('base64');
        return `<img src="data:image/svg+xml;base64,${picture}" alt="${escaped(text)}">`;
      },
    },
  });
  const head = `<meta charset="utf-8"><title>${escaped(title)}</title><style>${style}</style>`;
  return `<!doctype html>\n<html lang="en"><head>${head}</head><body>\n${marked.parse(markdown)}</body></html>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
