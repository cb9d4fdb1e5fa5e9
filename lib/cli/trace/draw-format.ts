import { extname } from 'node:path';

export const drawFormats = ['svg', 'html', 'mermaid'] as const;
export type DrawFormat = (typeof drawFormats)[number];

const byEnding: Readonly<Record<string, DrawFormat>> = {
  '.svg': 'svg',
  '.html': 'html',
  '.htm': 'html',
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
};

/** The format that a file's name asks for; SVG where there is no file, and undefined where the name does not say. */
export function formatOf(file: string | undefined): DrawFormat | undefined {
  return file === undefined ? 'svg' : byEnding[extname(file).toLowerCase()];
}

/** The names of the files of `count` pages, which sort in their order: `out-01.svg`, `out-02.svg`; of one page the name as it is. */
export function pageFiles(file: string, count: number): string[] {
  if (count === 1) return [file];
  const ending = extname(file);
  const stem = file.slice(0, file.length - ending.length);
  const digits = `${count}`.length;
  return Array.from({ length: count }, (_, at) => `${stem}-${`${at + 1}`.padStart(digits, '0')}${ending}`);
}
