import type { ChatClient, Status } from '../client/chat-client.js';

/** Whether there is a connection that has joined. */
export function isConnected({ state }: { readonly state: string }): boolean {
  return state === 'live' || state === 'catching-up';
}

/**
 * Tells of each loss of a connection, each return, and of a history that was lost, in sentences for people: each once,
 * however many tries there are in between [P11]. `waits` says what becomes of the reader's own words meanwhile.
 */
export function connectionNews(tell: (text: string) => void, waits = ''): (status: Status) => void {
  let offline = false;
  return (status) => {
    if (status.state === 'offline' && !offline) tell(`${status.reason} Connecting again …${waits && ` ${waits}`}`);
    if (status.state === 'history-lost') tell('The history of this room is not the one it was. What follows is new.');
    const connected = isConnected(status);
    if (connected && offline) tell('Connected again.');
    offline = status.state === 'offline' || (offline && !connected);
  };
}

/**
 * Leaves, and where the server refuses that, which `tell` is told for people, closes the session: it ends in any case.
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
