/** Says on standard error, in one line, that a test cannot test anything here, and why. A pending test would fail the run. */
export function notTested(title: string, why: string): void {
  process.stderr.write(`NOT TESTED: ${title}: ${why}\n`);
}

/**
 * `it` for tests that take what not every machine, or not every user of it, has. `missing`: what that is here; then each
 * test says so (`notTested`) and tests nothing.
 */
export function itUnless(missing: string | undefined): (title: string, test: Mocha.AsyncFunc) => void {
  return (title, test) => {
    if (missing === undefined) it(title, test);
    else {
      it(title, () => {
        notTested(title, missing);
      });
    }
  };
}
