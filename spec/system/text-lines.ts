import type { Readable } from 'node:stream';

/**
 * Calls `take` with each line that comes, without its end; what is left at the input's end is a line too. Lines end by line feeds alone:
 * node:readline takes U+2028 for a line's end as well, from Node 22 on.
 */
export function eachLine(input: Readable, take: (line: string) => void): void {
  let begun = '';
  input.setEncoding('utf8');
  input.on('data', (text: string) => {
    const parts = `${begun}${text}`.split('\n');
    begun = parts.pop() ?? '';
    for (const line of parts) take(line.replace(/\r$/, ''));
  });
  input.on('end', () => {
    if (begun !== '') take(begun);
  });
}
