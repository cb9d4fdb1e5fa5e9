import { foldName } from '../core/name.js';

/** What a piece of a line is, from which follows how it looks. */
export type Tone = 'plain' | 'faint' | 'notice' | 'alert' | { readonly author: string };

/** Draws a piece of text in its tone. The text is taken as it is: make it safe before. */
export type Palette = (text: string, tone: Tone) => string;

/** SGR colours that can be read on dark and on light grounds; red stays for alerts, grey for what is faint. */
const authorColours = [32, 33, 34, 35, 36, 92, 94, 95, 96] as const;

/** For `NO_COLOR` and terminals without colours: text and nothing else. */
export const noColours: Palette = (text) => text;

export const colours: Palette = (text, tone) => {
  if (tone === 'plain' || text === '') return text;
  if (tone === 'faint') return `\x1b[2m${text}\x1b[22m`;
  if (tone === 'notice') return `\x1b[33m${text}\x1b[39m`;
  if (tone === 'alert') return `\x1b[31m${text}\x1b[39m`;
  return `\x1b[1;${authorColour(tone.author)}m${text}\x1b[22;39m`;
};

/** The same colour for the same name, on every screen. */
export function authorColour(name: string): number {
  let hash = 0x811c9dc5;
  // FNV-1a.
  for (const byte of Buffer.from(foldName(name), 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return authorColours[hash % authorColours.length] ?? 39;
}
