/**
 * Whether a person sits at both ends of the program. Not so where the environment says that this is a build machine
 * (the same variables as ink looks at, which then draws nothing) or that the terminal can only print.
 */
export function isInteractive(
  input: { readonly isTTY?: boolean },
  output: { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  return input.isTTY === true && output.isTTY === true && env.TERM !== 'dumb' && !isBuildMachine(env);
}

function isBuildMachine(env: NodeJS.ProcessEnv): boolean {
  if (env.CI === '0' || env.CI === 'false') return false;
  return 'CI' in env || 'CONTINUOUS_INTEGRATION' in env || Object.keys(env).some((name) => name.startsWith('CI_'));
}
