import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

/** The standard streams that are a terminal. Of one that has gone nobody can tell any more that it was one. */
export function terminalStreams(): readonly number[] {
  return [0, 1, 2].filter(isatty);
}

/**
 * Puts /dev/null in the place of a terminal that is no longer there. When it ends, Node gives each terminal that it began with back its
 * settings, and aborts where that fails with another error than it expects (EIO; node.cc, ResetStdio); of one that was replaced it lets go.
 */
export function letGoOfTerminal(streams: readonly number[]): void {
  for (const fd of streams) {
    closeSync(fd);
    // The lowest number that is free.
    openSync('/dev/null', 'r+');
  }
}
