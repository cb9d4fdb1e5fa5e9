import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where this package's programs are. */
const programs = fileURLToPath(new URL('../../bin', import.meta.url));

interface RunPlace {
  /** The folder in which the person is. */
  readonly cwd: string;
  /** The search path for commands. */
  readonly path: string;
  /** The folder of the package's programs. */
  readonly programs: string;
}

/**
 * What a person who is here types to run another of this package's programs: its name alone, where the shell finds it;
 * else by npx, where that finds it without asking a registry; else by node and its path.
 */
export function howToRun(program: string, place: Partial<RunPlace> = {}): string {
  const { cwd = process.cwd(), path = process.env.PATH ?? '', programs: folder = programs } = place;
  const file = join(folder, program);
  const onPath = path.split(delimiter).filter((directory) => directory !== '' && !isOfNpm(directory));
  if (onPath.some((directory) => isProgram(join(directory, program), file))) return program;
  if (npxFinds(program, file, cwd, dirname(folder))) return `npx ${program}`;
  const way = relative(cwd, file);
  return `node ${way.startsWith('..') ? file : way}`;
}

/** Folders that npm and npx put in front for what they run: to the person's own shell they mean nothing. */
function isOfNpm(directory: string): boolean {
  return /[\\/]node_modules[\\/](\.bin|npm[\\/]node_modules|@npmcli[\\/].*)$|[\\/]node-gyp-bin$/.test(directory);
}

/** In the package's own folder, or below one in which it is installed. */
function npxFinds(program: string, file: string, cwd: string, root: string): boolean {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) {
      return realPath(folder) === realPath(root) || isProgram(join(folder, 'node_modules', '.bin', program), file);
    }
    if (folder === dirname(folder)) return false;
  }
}

function isProgram(path: string, file: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return realPath(path) === realPath(file);
  } catch {
    return false;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
