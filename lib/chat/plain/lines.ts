/** One line of standard input, numbered from 1. */
export type InputLine =
  | { readonly number: number; readonly text: string }
  /** A line that cannot be sent, and why, in a sentence for people. */
  | { readonly number: number; readonly fault: string };

const lineFeed = 0x0a;

/**
 * The lines of a stream of bytes, without their line ends (LF or CRLF), empty ones left out but counted. Reads on only
 * when the next line is asked for, and holds at most `lineBytesMax` bytes of a line. A line that is longer, or no
 * well-formed UTF-8, comes as a fault: nothing is sent that nobody wrote. A byte order mark at the beginning says how
 * the input is written, and is no part of it.
 */
export async function* inputLines(input: AsyncIterable<Buffer>, lineBytesMax: number): AsyncGenerator<InputLine> {
  let number = 0;
  let parts: Buffer[] = [];
  let bytes = 0;

  const take = (part: Buffer) => {
    bytes += part.length;
    if (bytes <= lineBytesMax) parts.push(part);
    else parts = [];
  };
  const withoutMark = (line: Buffer) =>
    number === 1 && startsWithMark(line) ? line.subarray(byteOrderMark.length) : line;
  const finish = (): InputLine | undefined => {
    number += 1;
    const line =
      bytes > lineBytesMax ? tooLong(number, lineBytesMax) : decode(number, withoutMark(Buffer.concat(parts)));
    parts = [];
    bytes = 0;
    return line;
  };

  for await (const chunk of input) {
    let from = 0;
    for (let to = chunk.indexOf(lineFeed); to >= 0; to = chunk.indexOf(lineFeed, from)) {
      take(chunk.subarray(from, to));
      from = to + 1;
      const line = finish();
      if (line) yield line;
    }
    if (from < chunk.length) take(chunk.subarray(from));
  }
  if (bytes > 0) {
    const line = finish();
    if (line) yield line;
  }
}

const byteOrderMark = Buffer.from('\uFEFF');

function startsWithMark(line: Buffer): boolean {
  return line.subarray(0, byteOrderMark.length).equals(byteOrderMark);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(number: number, line: Buffer): InputLine | undefined {
  const end = line.at(-1) === 0x0d ? -1 : undefined;
  const bytes = line.subarray(0, end);
  if (bytes.length === 0) return undefined;
  try {
    return { number, text: utf8.decode(bytes) };
  } catch {
    return { number, fault: 'It is not well-formed UTF-8. Convert the input to UTF-8.' };
  }
}

function tooLong(number: number, lineBytesMax: number): InputLine {
  return { number, fault: `It has more than ${lineBytesMax} bytes. Send it in parts.` };
}
