import type { ChatClient } from '../client/chat-client.js';

/**
 * Leaves, and where the server refuses that, closes the visit: it is over in any case. `tell` is told of the refusal, in
 * a sentence for people.
 */
export async function leaveOrClose(
  client: Pick<ChatClient, 'leave' | 'close'>,
  tell: (text: string) => void,
): Promise<void> {
  try {
    await client.leave();
  } catch (error) {
    tell(`The leave was refused: ${(error as Error).message} Hanging up instead.`);
    await client.close();
  }
}
