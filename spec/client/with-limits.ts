import { clientLimits } from '../../lib/client/limits.js';

/** Runs `test` with other limits of the client: those of people would take a test too long. */
export async function withLimits(
  limits: Partial<Record<keyof typeof clientLimits, number>>,
  test: () => Promise<void>,
) {
  const before = { ...clientLimits };
  Object.assign(clientLimits, limits);
  try {
    await test();
  } finally {
    Object.assign(clientLimits, before);
  }
}
