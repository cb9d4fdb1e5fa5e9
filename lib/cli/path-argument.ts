import { InvalidArgumentError } from 'commander';

/**
 * Reads the path that an option is given. An empty one, which a script gives whose variable is not set, is refused: it would stand for the
 * folder that the program was started in, or for nothing at all. Throws InvalidArgumentError.
 */
export function pathArgument(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty. Name a path, or leave the option out.');
  return text;
}
