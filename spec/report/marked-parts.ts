/**
 * Puts `parts` into a Markdown text, each between its `<!-- from the run: NAME -->` and `<!-- end -->`, in place of what is there.
 * Throws where the text has no place for a part, or a place without a part.
 */
export function fillIn(markdown: string, parts: ReadonlyMap<string, string>): string {
  const left = new Set(parts.keys());
  const filled = markdown.replace(places, (_whole, name: string) => {
    const part = parts.get(name);
    if (part === undefined) throw new Error(`there is no part "${name}" to fill in`);
    left.delete(name);
    return `<!-- from the run: ${name} -->\n\n${part}\n\n<!-- end -->`;
  });
  if (left.size > 0) throw new Error(`the text has no place for ${[...left].join(', ')}`);
  return filled;
}

/** What stands in each place now. */
export function partsOf(markdown: string): Map<string, string> {
  return new Map([...markdown.matchAll(places)].map(([, name = '', part = '']) => [name, part.trim()]));
}

const places = /<!-- from the run: ([\w -]+?) -->\n([\s\S]*?)<!-- end -->/g;
