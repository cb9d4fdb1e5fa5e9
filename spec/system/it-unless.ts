/**
 * `it` for tests that take what not every machine, or not every user of it, has. `missing`: what that is here; then each
 * test says so on standard error, in one line, and tests nothing. A pending test would fail the run.
 */
export function itUnless(missing: string | undefined): (title: string, test: Mocha.AsyncFunc) => void {
  return (title, test) => {
    if (missing === undefined) it(title, test);
    else {
      it(title, () => {
        process.stderr.write(`NOT TESTED: ${title}: ${missing}\n`);
      });
    }
  };
}
