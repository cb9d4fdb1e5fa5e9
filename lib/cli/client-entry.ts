import { missedSince } from '../client/grpc/missed-since.js';
import {
  type ChatClient,
  type ConnectOptions,
  connect,
  Refused,
  type SavedSession,
  VisitOver,
} from '../client/index.js';

/** A visit begun. */
export interface Entry {
  readonly client: ChatClient;
  /** Whether it goes on from the place that it was given: nothing was missed, or is being filled in. */
  readonly continued: boolean;
  /** What the user should know of it, in sentences. */
  readonly news: readonly string[];
}

/**
 * Joins as `connect` does, and rejects as it does. Goes on from `place`, unless more than `missedEventsMax` events
 * happened since: then it joins as a newcomer does, if its earlier session is over.
 */
export async function enter(
  options: ConnectOptions,
  place: SavedSession | undefined,
  missedEventsMax: number,
): Promise<Entry> {
  const anew = async (...news: string[]) => ({ client: await connect(options), continued: false, news });
  if (!place) return anew();
  const missed = Number.isFinite(missedEventsMax) ? ((await missedSince(place, options.proxy)) ?? 0) : 0;
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
    const client = await connect({ ...options, resume: place });
    const { logId, sequence } = client.place;
    return { client, continued: logId === place.logId && sequence === place.sequence, news: [] };
  } catch (error) {
    if (!(error instanceof VisitOver)) throw error;
    return anew(`Your earlier visit could not be continued, so you joined anew. ${withoutAdvice(error.message)}`);
  }
}

/** The first of the sentences: those that say what to do are for others, it is done. */
function withoutAdvice(message: string): string {
  return /^.*?\.(?= |$)/.exec(message)?.[0] ?? message;
}
