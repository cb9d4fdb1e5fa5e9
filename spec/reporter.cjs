'use strict';

const { reporters, Runner } = require('mocha');

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
    });
  }
}

module.exports = ClosingLine;
