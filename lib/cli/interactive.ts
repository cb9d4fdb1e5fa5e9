/** Whether a person sits at both ends of the program, at a terminal that can do more than print. */
export function isInteractive(
  input: { readonly isTTY?: boolean },
  output: { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  return input.isTTY === true && output.isTTY === true && env.TERM !== 'dumb';
}

/** The variables by which ink tells a build machine, on which it draws nothing. */
const buildMachineVariables = ['CI', 'CONTINUOUS_INTEGRATION'] as const;

/** Has ink draw at a person's terminal whatever the environment says of build machines. To be called before ink is loaded. */
export function drawOnBuildMachines(env: NodeJS.ProcessEnv = process.env): void {
  for (const name of buildMachineVariables) delete env[name];
}
