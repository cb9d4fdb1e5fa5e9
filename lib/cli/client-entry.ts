import { missedSince } from '../client/grpc/grpc-transport.js';
import {
  type ChatClient,
  type ConnectOptions,
  connect,
  Refused,
  type SavedSession,
  VisitOver,
} from '../client/index.js';
import { defaultLimits } from '../core/limits.js';
import { type Rejection, rejectionDetails } from '../core/rejection.js';

/** A session begun. */
export interface Entry {
  readonly client: ChatClient;
  /** Whether it goes on from where the saved session was: nothing was missed, or is being filled in. */
  readonly continued: boolean;
  /** What the user should know of it, in sentences. */
  readonly news: readonly string[];
}

/**
 * Joins as `connect` does, and rejects as it does. Goes on from `saved`, unless more than `missedEventsMax` events
 * happened since: then it joins as a newcomer does, if its earlier session is over.
 */
export async function enter(
  options: ConnectOptions,
  saved: SavedSession | undefined,
  missedEventsMax: number,
): Promise<Entry> {
  const anew = async (...news: string[]) => ({ client: await connect(options), continued: false, news });
  if (!saved) return anew();
  const missed = Number.isFinite(missedEventsMax) ? ((await missedSince(saved, options.proxy)) ?? 0) : 0;
  if (missed > missedEventsMax) {
    try {
      return await anew(
        `You missed ${missed} events, too many to show them all. /history shows those before you came.`,
      );
    } catch (error) {
      // Its session lives on: then it is gone on with, however much that is.
      if (!(error instanceof Refused) || error.rejection.reason !== 'NAME_TAKEN') throw error;
    }
  }
  try {
    const client = await connect({ ...options, resume: saved });
    const { logId, sequence } = client.place;
    return { client, continued: logId === saved.logId && sequence === saved.sequence, news: [] };
  } catch (error) {
    if (!(error instanceof VisitOver)) throw error;
    return anew(`Your earlier visit could not be continued, so you joined anew. ${withoutAdvice(error.message)}`);
  }
}

/** The first of the sentences: those that say what to do are for others, it is done. */
function withoutAdvice(message: string): string {
  return /^.*?\.(?= |$)/.exec(message)?.[0] ?? message;
}

/** A refused join as one line for people: culprit, cause, cure. */
export function clientRefusal(rejection: Rejection, asked: { readonly name: string; readonly room: string }): string {
  const [name, room] = [inShort(asked.name), inShort(asked.room)];
  switch (rejection.reason) {
    case 'NAME_TAKEN':
      return `the name "${name}" is taken in the room ${room}, or looks like one that is. Choose another with --name.`;
    case 'NAME_INVALID':
      return `the name "${name}" cannot be used. ${rejectionDetails.NAME_INVALID} Choose another with --name.`;
    case 'ROOM_INVALID':
      return `the room "${room}" cannot be used. ${rejectionDetails.ROOM_INVALID} Choose another with --room.`;
    case 'ROOM_FULL':
      return `the room ${room} is full. Choose another with --room, or try again later.`;
    default:
      return `the server refused the join: ${rejection.detail}`;
  }
}

/** No longer than a room or a name may be: what is beyond that would only push the reason off the screen. */
function inShort(text: string): string {
  const { roomNameLengthMax } = defaultLimits;
  const characters = Array.from(text);
  return characters.length > roomNameLengthMax ? `${characters.slice(0, roomNameLengthMax).join('')}…` : text;
}
