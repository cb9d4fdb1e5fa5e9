import { filter, firstValueFrom, lastValueFrom } from 'rxjs';
import type { ChatClient, Status } from '../../lib/client/chat-client.js';
import { connect } from '../../lib/client/connect.js';
import type { RoomEvent } from '../../lib/core/event.js';
import type { Fields } from '../../lib/platform/journal.js';
import { endedAfterEach } from '../system/endings.js';
import { ScriptedRoom } from './scripted-room.js';
import { ScriptedServer, type ScriptedStream } from './scripted-server.js';

/** Ada in a room of a scripted server, over one connection: she has seen herself join, and a lost connection ends it. */
export interface ScriptedSession {
  readonly client: ChatClient;
  readonly server: ScriptedServer;
  readonly room: ScriptedRoom;
  readonly stream: ScriptedStream;
  readonly seen: readonly RoomEvent[];
  readonly records: readonly (Fields & { readonly event: string })[];
  /** Resolves when Ada has seen this text. */
  said(text: string): Promise<void>;
  /** How it ended. */
  end(): Promise<Status>;
  /** Why it ended, as people are told. */
  reason(): Promise<string>;
}

/**
 * Begins sessions in the tests of a suite; their servers end after each. `before` is what had happened in the room, of
 * which Ada asks to be sent the newest `history`.
 */
export function scriptedSessions(): (
  before?: (room: ScriptedRoom) => void,
  history?: number,
) => Promise<ScriptedSession> {
  const endings = endedAfterEach();
  return async (before = () => {}, history = 0) => {
    const server = await ScriptedServer.start();
    endings.add(() => server.stop());
    const room = new ScriptedRoom();
    before(room);
    const { position: place, byName } = room.state;
    const from = room.events.at(-1 - history);
    let stream: ScriptedStream | undefined;
    server.onJoin = (joined) => {
      stream = joined;
      joined.welcome({
        sequence: from?.sequence ?? 0,
        ...(from ? { chain: from.chain } : {}),
        lamport: place.lamport,
        newest: place.sequence,
        participants: [...byName.keys()],
      });
      if (history > 0) joined.events(...room.events.slice(-history));
      joined.events(room.join('Ada', 1));
    };
    const records: (Fields & { readonly event: string })[] = [];
    const note = (event: string, fields: Fields = {}) => void records.push({ ...fields, event });
    const journal = { debug: note, info: note, warn: note, error: note };
    const client = await connect({ server: server.address, name: 'Ada', history, reconnect: false, journal });
    const seen: RoomEvent[] = [];
    client.events$.subscribe((event) => seen.push(event));
    const heard = async (wanted: (event: RoomEvent) => boolean): Promise<void> => {
      if (!seen.some(wanted)) await firstValueFrom(client.events$.pipe(filter(wanted)));
    };
    const end = (): Promise<Status> => lastValueFrom(client.status$);
    await heard((event) => event.kind === 'joined' && event.participant === 'Ada');
    if (!stream) throw new Error('no stream joined');
    return {
      ...{ client, server, room, stream, seen, records, end },
      said: (text) => heard((event) => event.kind === 'message' && event.text === text),
      reason: async () => {
        const status = await end();
        return status.state === 'ended' ? status.reason : status.state;
      },
    };
  };
}
