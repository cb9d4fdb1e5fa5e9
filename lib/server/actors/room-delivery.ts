import type { ServerFields } from '../../codec/log-records.js';
import { ParticipantNames } from '../../codec/participant-names.js';
import { type Command, ordinalOf } from '../../core/command.js';
import { rejection } from '../../core/rejection.js';
import { isOver, type RoomState } from '../../core/room-state.js';
import { sessionTag } from '../../core/session-id.js';
import { type EncodedEntry, LogDamaged, type Run } from '../log/event-log.js';
import type { Broadcast } from '../room/broadcast.js';
import type { CommandDecision, CommittedGroup } from '../room/decide-group.js';
import type {
  Answer,
  Pending,
  PendingCommand,
  PendingResume,
  Ref,
  ResumeAnswer,
  SessionMessage,
} from '../room/pending.js';
import { resumeRefusal } from './queries.js';
import type { RoomAdmission, Unanswered } from './room-admission.js';
import type { RoomParts } from './room-parts.js';
import type { RoomSessions } from './room-sessions.js';

export interface RoomDeliveryParts extends RoomParts {
  /** Where a session's further commands go. */
  readonly actor: Ref<SessionMessage>;
  readonly broadcast: Broadcast;
  readonly admission: RoomAdmission;
  readonly sessions: RoomSessions;
  readonly unanswered: Unanswered<Pending>;
}

/** Tells what became durable in one room: its cursors of the events, each sender, once, what became of its request. */
export class RoomDelivery {
  readonly #parts: RoomDeliveryParts;
  /** Who is present, as of the last event that was told. */
  names = ParticipantNames.of([]);

  constructor(parts: RoomDeliveryParts) {
    this.#parts = parts;
  }

  /** The room goes on from its event log: all that it says counts as told. */
  startFrom(state: RoomState): void {
    this.#parts.broadcast.startFrom(state.position);
    this.names = ParticipantNames.of(state.byName.keys());
  }

  /** Tells all cursors what became durable: newcomers' too, for the run that brings them in is also theirs. */
  deliver({ decisions, entries, resumes }: CommittedGroup, state: RoomState): void {
    const { broadcast, memory } = this.#parts;
    const runs = entries.length > 0 ? broadcast.add(entries, state.position) : [];
    if (entries.length > 0) {
      memory.clock.newest = Math.max(memory.clock.newest, state.position.lamport);
      // Messages, which come by the thousands, change nothing about who is there.
      this.#countIn(entries, state);
    }
    const welcomes: (() => void)[] = [];
    for (const one of decisions) {
      if (one.before) welcomes.push(this.#admit(one, one.before));
      else if (one.pending.command.kind === 'leave') this.#dismiss(one);
    }
    // Not before all who left have: a session may begin and end in one group.
    for (const welcome of welcomes) welcome();
    for (const pending of resumes) this.#readmit(pending, state);
    if (entries.length > 0) this.#recordDelivery(runs);
    for (const run of runs) broadcast.notify(run);
    for (const one of decisions) if (!one.before) this.answer(one.pending, this.#answerOf(one));
  }

  /** What became of a command that had come in. */
  answer(pending: PendingCommand, answer: Answer): void {
    const { unanswered, admission, holdings, sessions } = this.#parts;
    const { command, replyTo, owed } = pending;
    unanswered.delete(pending);
    if (command.kind === 'join' && answer.kind !== 'accepted') {
      admission.end(command.session);
      holdings.end(command.session);
    }
    replyTo?.tell({ kind: 'answered', request: command.kind, answer });
    if (owed) sessions.leaveSettled(command.session);
  }

  /** Takes in who is present now: those who came go behind the others, whose names stay as they are encoded. */
  #countIn(entries: readonly EncodedEntry[], state: RoomState): void {
    if (entries.some(({ event }) => event.kind === 'left')) {
      this.names = ParticipantNames.of(state.byName.keys());
      return;
    }
    for (const { event } of entries) if (event.kind === 'joined') this.names = this.names.with(event.participant);
  }

  #recordDelivery(runs: readonly Run[]): void {
    const { room, broadcast, sessions, journal } = this.#parts;
    const { logId, position } = broadcast;
    const [sequence, last] = [runs[0]?.first ?? 0, runs.at(-1)?.last ?? 0];
    const where = { room, sequence, last, lamport: position.lamport, logId, chain: position.chain };
    const fields = { ...where, participants: sessions.following };
    journal.debug('delivery', fields satisfies ServerFields['delivery']);
  }

  /** Counts a newcomer in; the result welcomes him. */
  #admit(one: CommandDecision, before: NonNullable<CommandDecision['before']>): () => void {
    const { pending, decision, event } = one;
    const { command, stream } = pending;
    if (decision.kind !== 'accepted' || command.kind !== 'join' || !event || !stream) return () => {};
    const { actor: room, broadcast, sessions } = this.#parts;
    const { sequence, participant } = decision.entry.event;
    const events = broadcast.sourceFor(sessions.enter(command.session, stream));
    this.#recordSession('broadcast-join', one);
    const { position, participants } = before;
    return () => {
      const from = broadcast.historyPosition(position, pending.history ?? 0);
      const standing = { session: command.session, lamport: position.lamport, newest: position.sequence, participants };
      const welcome = broadcast.welcome({ ...standing, ...from, resumed: false, ordinal: 0 });
      const session = { participant, resumable: command.resumable, welcome, room, events };
      this.answer(pending, { kind: 'accepted', sequence, event, session });
    };
  }

  /** Gives a session that goes on its new stream, or tells why it does not. */
  #readmit(pending: PendingResume, state: RoomState): void {
    const { resume, stream, origin } = pending;
    const { room, journal, broadcast, sessions, admission, holdings, actor } = this.#parts;
    const known = state.sessions.get(resume.session);
    const present = known && !isOver(state, known) ? known : undefined;
    const refusal = resumeRefusal(this.#parts, resume, present !== undefined);
    if (refusal || !present) {
      this.#answerResume(pending, refusal ?? { kind: 'failed' });
      return;
    }
    const { id, name: participant, resumable, ordinals } = present;
    const events = broadcast.sourceFor(sessions.enter(id, stream));
    admission.allow(id, origin);
    holdings.move(id, origin.principal);
    const { lamport, sequence: newest } = broadcast.position;
    const { sequence, chain } = resume;
    journal.info('resumed', { room, participant, session: sessionTag(id), sequence, lamport });
    const standing = { session: id, sequence, chain, lamport, newest, participants: this.names };
    const welcome = broadcast.welcome({ ...standing, resumed: true, ordinal: ordinals.newest });
    const session = { participant, resumable, welcome, room: actor, events };
    this.#answerResume(pending, { kind: 'resumed', session });
  }

  #answerResume(pending: PendingResume, answer: ResumeAnswer): void {
    const { unanswered, sessions } = this.#parts;
    unanswered.delete(pending);
    pending.replyTo.tell({ kind: 'answered', request: 'resume', answer });
    sessions.resumeDecided(pending.resume.session, answer.kind === 'rejected');
  }

  #dismiss(one: CommandDecision): void {
    if (one.decision.kind !== 'accepted') return;
    const { admission, holdings, sessions } = this.#parts;
    const { session } = one.pending.command;
    this.#recordSession('broadcast-leave', one);
    admission.end(session);
    holdings.end(session);
    sessions.end(session, one.decision.entry.event.sequence);
  }

  #recordSession(event: 'broadcast-join' | 'broadcast-leave', { pending, decision }: CommandDecision): void {
    if (decision.kind !== 'accepted') return;
    const { sequence, lamport, participant, chain } = decision.entry.event;
    const { room, journal, broadcast } = this.#parts;
    const session = sessionTag(pending.command.session);
    const { logId } = broadcast;
    const fields = { room, participant, session, sequence, lamport, logId, chain };
    journal.info(event, fields satisfies ServerFields[typeof event]);
  }

  #answerOf({ pending, decision, event }: CommandDecision): Answer {
    switch (decision.kind) {
      case 'accepted':
        return { kind: 'accepted', sequence: decision.entry.event.sequence, event: event as Buffer };
      case 'rejected':
        return decision;
      case 'repeated':
        return this.#repeated(decision.sequence, pending.command);
    }
  }

  #repeated(sequence: number, command: Command): Answer {
    const { log, room } = this.#parts;
    try {
      const run = sequence >= log.oldest(room) ? log.read(room, sequence - 1, 1) : undefined;
      if (run) return { kind: 'repeated', sequence, event: run.bytes };
    } catch (error) {
      if (error instanceof LogDamaged) return { kind: 'damaged' };
      throw error;
    }
    return { kind: 'rejected', rejection: rejection('ORDINAL_INVALID', ordinalOf(command)) };
  }
}
