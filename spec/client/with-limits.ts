import { chatLimits } from '../../lib/chat/limits.js';
import { clientLimits } from '../../lib/client/limits.js';

/** Runs `test` with other limits of the library, or of chit-client: those of people would take a test too long. */
export async function withLimits(
  limits: Partial<Record<keyof typeof clientLimits | keyof typeof chatLimits, number>>,
  test: () => Promise<void>,
) {
  const before = [clientLimits, chatLimits].map((own) => [own, { ...own }] as const);
  for (const [name, value] of Object.entries(limits)) {
    Object.assign(name in chatLimits ? chatLimits : clientLimits, { [name]: value });
  }
  try {
    await test();
  } finally {
    for (const [own, values] of before) Object.assign(own, values);
  }
}
