import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Whether nothing holds what `made` has made and let go of. */
export async function isCollected(made: () => WeakRef<object>): Promise<boolean> {
  const reference = made();
  setFlagsFromString('--expose-gc');
  // What a turn of the event loop has had in its hands is held to its end.
  await new Promise(setImmediate);
  runInNewContext('gc')();
  return reference.deref() === undefined;
}
