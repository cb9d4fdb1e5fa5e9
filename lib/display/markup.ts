const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What XML 1.0 (section 2.2) has no place for, even escaped. */
const impossible = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** `text` as the content or an attribute's value of XML and HTML. */
export function escaped(text: string): string {
  return text.replace(impossible, '\ufffd').replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** A start tag's attributes. Those that are undefined are left out; numbers have at most one decimal. */
export function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .flatMap(([name, value]) =>
      value === undefined ? [] : ` ${name}="${escaped(`${typeof value === 'number' ? tenths(value) : value}`)}"`,
    )
    .join('');
}

export function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
