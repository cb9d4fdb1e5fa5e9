import type { Status } from '../client/chat-client.js';

/**
 * Tells of each loss of a connection, each return, and of a history that was lost, in sentences for people: each once,
 * however many tries there are in between [P11]. `waits` says what becomes of the reader's own words meanwhile.
 */
export function connectionNews(tell: (text: string) => void, waits = ''): (status: Status) => void {
  let offline = false;
  return (status) => {
    if (status.state === 'offline' && !offline) tell(`${status.reason} Connecting again …${waits && ` ${waits}`}`);
    if (status.state === 'history-lost') tell('The history of this room is not the one it was. What follows is new.');
    const connected = status.state === 'live' || status.state === 'catching-up';
    if (connected && offline) tell('Connected again.');
    offline = status.state === 'offline' || (offline && !connected);
  };
}
