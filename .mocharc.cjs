'use strict';

module.exports = {
  spec: ['spec/**/*.spec.ts'],
  'node-option': ['import=tsx'],
  reporter: './spec/reporter.cjs',
  timeout: 20_000,
  // A forgotten .only or .skip must not pass as a green run.
  'forbid-only': true,
  'forbid-pending': true,
};
