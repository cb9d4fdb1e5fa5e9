import { nextChain } from '../core/chain.js';
import { defaultLimits } from '../core/limits.js';
import { defaultRoom } from '../core/name.js';
import { rejection } from '../core/rejection.js';
import { sessionTag } from '../core/session-id.js';
import { codePoints } from '../core/text.js';
import { silent } from '../platform/journal.js';
import type { ChatClient, ConnectOptions } from './chat-client.js';
import { ChatSession } from './chat-session.js';
import { Refused } from './errors.js';
import { grpcTransport } from './grpc/grpc-transport.js';
import { clientLimits } from './limits.js';

export const defaultServer = '127.0.0.1:4000';

/**
 * Joins a room and resolves with the session once the server has let it in [S5]. Rejects with `Refused` where the
 * server did not, or cannot, with `CannotConnect` where none answered within `joinMsMax`, and with `TypeError` where
 * the place to resume from is another session's. `random` spreads the tries to connect again.
 */
export async function connect(options: ConnectOptions, random: () => number = Math.random): Promise<ChatClient> {
  const { server = defaultServer, proxy, history = 0, reconnect = true, resume, journal = silent } = options;
  const { offlineMsMax = Number.POSITIVE_INFINITY, publishMsMax = clientLimits.publishMsMax } = options;
  const room = options.room || defaultRoom;
  const name = options.name.normalize('NFC');
  refuseTooLong(name, room);
  if (resume && (resume.server !== server || resume.room !== room || resume.name !== name)) {
    throw new TypeError('the place to resume from is of another server, room or name; leave it out');
  }
  const session = new ChatSession({
    options: { server, room, name, history, reconnect, offlineMsMax, publishMsMax },
    saved: resume,
    ...{ clock: options.clock, journal, random, transport: grpcTransport(server, proxy) },
    hashes: { nextChain, sessionTag },
  });
  await session.begin();
  return session;
}

/** Not left to the server, which refuses a request that is too large together with its stream, and without a reason. */
function refuseTooLong(name: string, room: string): void {
  const { nameCodePointsMax, roomNameLengthMax } = defaultLimits;
  if (codePoints(name, nameCodePointsMax) > nameCodePointsMax) throw new Refused(rejection('NAME_INVALID'));
  if (room.length > roomNameLengthMax) throw new Refused(rejection('ROOM_INVALID'));
}
