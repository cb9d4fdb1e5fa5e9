import type { IUnicodeVersionProvider } from '@xterm/headless';
import stringWidth from 'string-width';

const zeroWidthJoiner = 0x200d;
const pictograph = /\p{Extended_Pictographic}/u;
const regionalIndicator = /\p{Regional_Indicator}/u;
const afterJoiner = 1;
const afterRegionalIndicator = 2;

/** Cells as the emulator packs them: state, width, whether it is drawn into the cell before. */
const pack = (state: number, width: number, joined: boolean) => (state << 3) | (width << 1) | (joined ? 1 : 0);
const stateOf = (packed: number) => packed >> 3;
const widthOf = (packed: number) => (packed >> 1) & 3;

/**
 * Character widths of today's terminals for the emulator, which by itself knows those of 2010. `joined`: emoji
 * sequences are one character, as in kitty or iTerm; `separate`: their parts stand side by side, as in VS Code.
 */
export function terminalUnicode(version: 'joined' | 'separate'): IUnicodeVersionProvider {
  const wcwidth = (codePoint: number) => Math.min(2, stringWidth(String.fromCodePoint(codePoint))) as 0 | 1 | 2;
  return {
    version,
    wcwidth,
    charProperties(codePoint, preceding) {
      const character = String.fromCodePoint(codePoint);
      const width = wcwidth(codePoint);
      if (version === 'joined' && preceding !== 0) {
        if (stateOf(preceding) === afterJoiner && pictograph.test(character)) return pack(0, 2, true);
        if (/\p{Emoji_Modifier}/u.test(character) && widthOf(preceding) === 2) return pack(0, 2, true);
        if (stateOf(preceding) === afterRegionalIndicator && regionalIndicator.test(character)) return pack(0, 2, true);
        if (codePoint === 0xfe0f) return pack(0, 2, true);
      }
      const joined = width === 0 && widthOf(preceding) > 0;
      const state =
        codePoint === zeroWidthJoiner ? afterJoiner : regionalIndicator.test(character) ? afterRegionalIndicator : 0;
      return pack(state, joined ? widthOf(preceding) : width, joined);
    },
  };
}
