import { projectFile } from '../system/project.js';

/**
 * One of the two real programs, its built-in limits set otherwise before it starts: for what would take too long to happen
 * with the default ones and has no option.
 */
export function programWithLimits(
  program: 'chit-server' | 'chit-client',
  limits: Readonly<Record<string, number>>,
): readonly [string, ...string[]] {
  const [file, name] =
    program === 'chit-server' ? ['dist/core/limits.js', 'defaultLimits'] : ['dist/client/limits.js', 'clientLimits'];
  const source = [
    `import { ${name} } from ${JSON.stringify(`file://${projectFile(file)}`)};`,
    `Object.assign(${name}, ${JSON.stringify(limits)});`,
  ].join('\n');
  const first = `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`;
  return [process.execPath, '--import', first, projectFile(`bin/${program}`)];
}
