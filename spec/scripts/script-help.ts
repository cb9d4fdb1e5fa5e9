/** Prints the help of a script, and ends the process with 0, where the command line asks for it. */
export function printHelpIfAsked(args: readonly string[], help: string): void {
  if (!args.includes('--help') && !args.includes('-h')) return;
  process.stdout.write(help);
  process.exit(0);
}

/** The whole number that `text` is, from `least` to `most`; otherwise says so of `what` and ends the process with 2. */
export function wholeNumber(what: string, text: string | number, [least, most]: readonly [number, number]): number {
  const number = /^\d{1,10}$/.test(`${text}`) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  return refuse(`${what} is a whole number from ${least} to ${most}.`);
}

/** Says why a command line makes no sense, and ends the process with 2. */
export function refuse(why: string): never {
  process.stderr.write(`${why} See --help.\n`);
  process.exit(2);
}

/** What `parse` makes of a command line; where it throws, the process ends with 2. */
export function parsedOrRefused<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    return refuse((error as Error).message);
  }
}
