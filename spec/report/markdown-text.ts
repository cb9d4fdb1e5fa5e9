import { displaySafe } from '../../lib/display/display-safe.js';

/** What somebody said, as a part of a line of Markdown that shows it and does nothing else: it makes no link either. */
export function said(text: string): string {
  return displaySafe(text)
    .replace(/[\\`*_[\]<>|&~:@]/g, '\\$&')
    .replace(/www\./gi, 'www\\.');
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

/** Text as it is, in a block that it cannot end. */
export function block(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}
