'use strict';

const { reporters, Runner } = require('mocha');

/** How long after the last test whatever a test left open may keep the process. */
const lingerMsMax = 10_000;

/**
 * Mocha's spec reporter, closed by one line with the run's true counts, alone: "12 passed, 0 failed".
 * A pending test counts as failed, as `forbid-pending` has it.
 */
class ClosingLine extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures } = this.stats;
      // In one write after everything the spec reporter says: its own epilogue was registered before.
      process.stdout.write(`\n${passes} passed, ${failures} failed\n`);
      // Unreferenced: it fires only where something else keeps the process. A run that never ends says less than one that tells.
      setTimeout(() => {
        const open = process.getActiveResourcesInfo().join(', ');
        process.stderr.write(`A test left something open that keeps the process: ${open}\n`);
        process.exit();
      }, lingerMsMax).unref();
    });
  }
}

module.exports = ClosingLine;
