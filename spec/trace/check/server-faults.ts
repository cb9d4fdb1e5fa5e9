import type { RoomEvent } from '../../../lib/core/event.js';
import type { RoomState } from '../../../lib/core/room-state.js';
import type { Alteration, SimulatedRoom } from '../simulated-room.js';
import type { SimulatedTown } from '../simulated-town.js';
import type { Mutation, Pick } from './mutation.js';

/** A server that stamps or writes one event in some other way than it decided, once. */
function altered(title: string, kind: Mutation['kind'], alter: Alteration): Mutation {
  const fault = (town: SimulatedTown) => {
    const { lobby } = town;
    if (lobby.events.length < 4) return;
    lobby.alter = (...decided) => {
      const alteration = town.broken ? undefined : alter(...decided);
      if (alteration) town.broken = true;
      return alteration;
    };
  };
  return { title, kind, fault };
}

/** A server that does something once, when `act` says that it could. */
function once(
  title: string,
  kind: Mutation['kind'],
  act: (town: SimulatedTown, pick: Pick) => boolean,
  before: Mutation['before'] = [],
): Mutation {
  const fault = (town: SimulatedTown, pick: Pick) => {
    if (town.lobby.events.length > 3) town.broken = act(town, pick);
  };
  return { title, kind, before, fault };
}

/** A server that adds an event which nobody asked for. */
function added(title: string, kind: Mutation['kind'], add: (room: SimulatedRoom, pick: Pick) => boolean): Mutation {
  return once(title, kind, ({ lobby }, pick) => add(lobby, pick));
}

/** The sender's own time, where it is later than the room's. */
function later(sender: number, { lamport }: RoomState['position']): number | undefined {
  return sender > lamport ? sender : undefined;
}

/** A server that stamps what one client asks for with another time, and answers at once: the client is sure what it sent. */
function stampedAt(
  title: string,
  kind: Mutation['kind'],
  asked: 'join' | 'publish',
  time: (sender: number, place: RoomState['position']) => number | undefined,
): Mutation {
  return once(title, kind, ({ visits }) => {
    for (const visit of visits) {
      const { line, room, tries } = visit;
      const request = line?.up[0];
      if (request?.kind !== asked || (request.kind === 'publish' && tries.get(request.ordinal) !== 1)) continue;
      const lamport = time(request.lamport, room.state.position);
      if (lamport === undefined) continue;
      const { length } = room.events;
      room.alter = () => ({ lamport });
      line?.takeUp();
      room.alter = undefined;
      while (visit.takeDown());
      if (room.events.length > length) return true;
    }
    return false;
  });
}

/** Those who have left and are not back. */
function away(room: SimulatedRoom): string[] {
  const left = room.events.filter(({ kind }) => kind === 'left').map(({ participant }) => participant);
  return [...new Set(left)].filter((name) => !room.state.byName.has(name));
}

function message(room: SimulatedRoom, participant: string, ordinal: number, text = 'nobody said this') {
  return { kind: 'message', participant, text, ordinal, seen: room.state.position.sequence } as const;
}

/** Each is a server that breaks its promises and is otherwise consistent: everybody sees the same, and all chains fit. */
export const serverFaults: readonly Mutation[] = [
  altered('a Lamport time that stands still', 'lamport-not-increasing', (_, __, { position: place }) => ({
    lamport: place.lamport,
  })),
  altered('a Lamport time that goes back', 'lamport-not-increasing', (_, __, { position: place }) => ({
    lamport: place.lamport - 1,
  })),
  stampedAt(
    'a message whose time jumps ahead',
    'lamport-off-rule',
    'publish',
    (sender, { lamport }) => Math.max(sender, lamport) + 5,
  ),
  stampedAt(
    'a Joined whose time jumps ahead',
    'lamport-off-rule',
    'join',
    (sender, { lamport }) => Math.max(sender, lamport) + 5,
  ),
  stampedAt("a message whose time is its sender's", 'lamport-below-sender', 'publish', later),
  stampedAt("a Joined whose time is its sender's", 'lamport-below-sender', 'join', later),
  altered('a Left whose time jumps ahead', 'lamport-off-rule', (event) =>
    event.kind === 'left' && event.reason === 'CONNECTION_LOST' ? { lamport: event.lamport + 5 } : undefined,
  ),
  altered('a chain that everybody received and that is wrong', 'chain-broken', () => ({ chain: '0123456789abcdef' })),
  altered('a text that was changed for everybody', 'text-altered', ({ kind }) =>
    kind === 'message' ? ({ text: 'something nicer' } as Partial<RoomEvent>) : undefined,
  ),
  altered('a claim to have seen nothing', 'seen-altered', (event) =>
    event.kind === 'message' && event.seen > 0 ? ({ seen: 0 } as Partial<RoomEvent>) : undefined,
  ),
  altered('a message under the name of another', 'forged-message', (event, _, { byName }) => {
    const other = [...byName.keys()].find((name) => name !== event.participant);
    return event.kind === 'message' && other
      ? ({ participant: other, ordinal: 1000 } as Partial<RoomEvent>)
      : undefined;
  }),

  added('a participant who joins twice', 'joined-twice', (room, pick) => {
    const participant = pick([...room.state.byName.keys()]);
    if (participant) room.append({ kind: 'joined', participant });
    return participant !== undefined;
  }),
  added('a participant who leaves twice', 'left-twice', (room, pick) => {
    const participant = pick(away(room));
    if (participant) room.append({ kind: 'left', participant, reason: 'CONNECTION_LOST' });
    return participant !== undefined;
  }),
  added('a Left of somebody who never joined', 'left-without-joined', (room) => {
    room.append({ kind: 'left', participant: 'Mallory', reason: 'ASKED' });
    return true;
  }),
  added('a message after the Left of its author', 'spoke-outside', (room, pick) => {
    const participant = pick(away(room));
    if (participant) room.append(message(room, participant, 1000));
    return participant !== undefined;
  }),
  added('a message by somebody who never joined', 'spoke-outside', (room) => {
    room.append(message(room, 'Mallory', 1));
    return true;
  }),
  added('a forged message', 'forged-message', (room, pick) => {
    const session = pick([...room.state.sessions.values()]);
    if (session) room.append(message(room, session.name, 1000));
    return session !== undefined;
  }),
  added('a participant who never asked to join', 'forged-joined', (room) => {
    room.append({ kind: 'joined', participant: 'Mallory' });
    room.append({ kind: 'left', participant: 'Mallory', reason: 'CONNECTION_LOST' });
    return true;
  }),
  once('a participant who is said to have asked to leave', 'left-unasked', ({ visits }, pick) => {
    const visit = pick(visits.filter(({ state, leaving }) => state === 'in' && !leaving));
    const { line, room } = visit ?? {};
    if (!visit || !room?.state.sessions.has(line?.session ?? '')) return false;
    room.leave(line?.session ?? '', 'ASKED');
    // It hears of it before it can ask to leave after all.
    while (visit.takeDown());
    return true;
  }),
  added('one publish that becomes two events', 'ordinal-twice', (room, pick) => {
    const again = pick(room.events.filter((event) => event.kind === 'message' && isLatestOf(room, event)));
    if (again?.kind === 'message') room.append({ ...again }, { evolving: true });
    return again !== undefined;
  }),
  once('own messages in another order than they were sent', 'own-reordered', ({ visits, lobby }, pick) => {
    const visit = pick(
      visits.filter(({ line, state, room }) => room === lobby && state === 'in' && line && line.up.length > 1),
    );
    const [first, second] = visit?.line?.up ?? [];
    if (!visit?.line || first?.kind !== 'publish' || second?.kind !== 'publish') return false;
    const newest = lobby.state.byName.get(visit.client.name)?.ordinals.newest ?? second.ordinal;
    if (first.ordinal <= newest || first.ordinal >= second.ordinal) return false;
    visit.line.up.splice(0, 2);
    for (const { text, ordinal, seen, lamport } of [second, first]) {
      const said = { kind: 'message', participant: visit.client.name, text, ordinal, seen } as const;
      lobby.append(said, { sender: lamport, evolving: true });
    }
    return true;
  }),
  once('a refused message that appears later', 'refused-yet-published', ({ visits, lobby }, pick) => {
    const visit = pick(
      visits.filter(({ room, state, refused }) => room === lobby && state === 'in' && refused.length > 0),
    );
    const refusal = visit?.refused.at(-1);
    const known = visit && lobby.state.byName.get(visit.client.name)?.ordinals.newest;
    if (!visit || !refusal || known === undefined || known >= refusal.ordinal) return false;
    const refusals = visit.refused.filter(({ ordinal }) => ordinal === refusal.ordinal).length;
    if (visit.tries.get(refusal.ordinal) !== refusals) return false;
    visit.forget(refusal.ordinal);
    const { ordinal, text, seen } = refusal;
    lobby.append({ kind: 'message', participant: visit.client.name, text, ordinal, seen }, { evolving: true });
    return true;
  }),
  once('a session that was let in and has no Joined', 'no-joined', ({ visits }, pick) => {
    const joining = visits.filter(({ line, client, room }) => {
      const request = line?.up[0];
      return request?.kind === 'join' && !request.resume && !room.state.byName.has(client.name);
    });
    const visit = pick(joining);
    if (!visit?.line) return false;
    visit.line.up.shift();
    const { room, client } = visit;
    const { sequence } = room.state.position;
    const session = 'a session without a Joined';
    room.admitSilently(session, client.name);
    visit.line.serve(room.welcome({ session, sequence, newest: sequence, resumed: false, ordinal: 0 }));
    return visit.takeDown();
  }),
  once(
    'a session that is resumed after its Left',
    'resumed-after-left',
    ({ visits }, pick) => {
      const resuming = visits.filter(({ line, room }) => {
        const request = line?.up[0];
        return request?.kind === 'join' && request.resume && !room.state.sessions.has(request.resume.session);
      });
      const visit = pick(resuming);
      const request = visit?.line?.up.shift();
      const welcome = request?.kind === 'join' && request.resume && visit?.room.resume(request.resume, true);
      if (welcome) visit?.line?.serve(welcome);
      return Boolean(welcome) && visit?.takeDown() === true;
    },
    ['ordinals-forgotten'],
  ),
];

function isLatestOf({ state }: SimulatedRoom, event: RoomEvent): boolean {
  const ordinals = state.byName.get(event.participant)?.ordinals;
  return event.kind === 'message' && ordinals?.sequenceOf(event.ordinal) === event.sequence;
}
