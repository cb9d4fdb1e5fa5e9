import type { History } from '../../../lib/trace/history/history.js';
import { change, type Mutation, type Pick, type Place, placesOf, put } from './mutation.js';

/** Welcomes of clients that came back, within one life of theirs. */
function resumes(history: History): Place<'welcome'>[] {
  return placesOf(history, 'welcome').filter(({ step }) => step.resumed);
}

function changedResume(history: History, pick: Pick, fields: Parameters<typeof change<'welcome'>>[2]) {
  return change(history, pick(resumes(history)), fields);
}

/** Each breaks how clients were let in. */
export const welcomeEdits: readonly Mutation[] = [
  {
    title: 'an event received where its client was never let in',
    kind: 'received-outside',
    edit: (history, pick) => change(history, pick(placesOf(history, 'receive')), () => ({ room: 'elsewhere' })),
  },
  {
    title: 'events received after asking to go on, without an answer',
    kind: 'received-outside',
    edit: (history, pick) => {
      const answered = resumes(history).filter(({ later, step: { room, place } }) => {
        const next = later.find((step) => 'room' in step && step.room === room && step.kind !== 'send');
        return next?.kind === 'receive' && !next.filled && next.event.sequence === place.sequence + 1;
      });
      return put(history, pick(answered));
    },
  },
  {
    title: 'an accepted message of a session that its client was never let in to',
    kind: 'sent-outside',
    edit: (history, pick) => {
      const session = 'of somebody else';
      const place = pick(
        placesOf(history, 'send').filter(({ step, earlier, later }) => {
          const others = [...earlier, ...later].filter(
            (one) =>
              'ordinal' in one && one.ordinal === step.ordinal && 'session' in one && one.session === step.session,
          );
          return others.filter(({ kind }) => kind !== 'welcome').every(({ kind }) => kind === 'accepted');
        }),
      );
      const later = place?.later.map((one) =>
        one.kind === 'accepted' && one.session === place.step.session && one.ordinal === place.step.ordinal
          ? { ...one, session }
          : one,
      );
      const accepted = later?.some((one) => one.kind === 'accepted' && one.session === session);
      return place && later && accepted ? put(history, { ...place, later }, { ...place.step, session }) : undefined;
    },
  },
  {
    title: 'somebody let in anew who had asked to go on',
    kind: 'welcomed-otherwise',
    edit: (history, pick) => changedResume(history, pick, () => ({ resumed: false })),
  },
  {
    title: 'somebody let in as if to go on who had asked to join anew',
    kind: 'welcomed-otherwise',
    edit: (history, pick) => {
      const anew = placesOf(history, 'welcome').filter(({ step }) => !step.resumed);
      return change(history, pick(anew), () => ({ resumed: true }));
    },
  },
  {
    title: 'somebody who goes on, of whom it is said that nothing goes on',
    kind: 'welcomed-otherwise',
    edit: (history, pick) => changedResume(history, pick, () => ({ continues: false })),
  },
  {
    title: 'somebody who goes on with the session of somebody else',
    kind: 'welcomed-otherwise',
    before: ['no-left'],
    edit: (history, pick) => {
      const withinOneLife = resumes(history).filter(
        ({ earlier, step: { room } }) =>
          earlier.findLastIndex((one) => one.kind === 'welcome' && one.room === room) >
          earlier.findLastIndex(({ kind }) => kind === 'start'),
      );
      return change(history, pick(withinOneLife), () => ({ session: 'of somebody else' }));
    },
  },
  {
    title: 'a new session that has published already',
    kind: 'welcomed-otherwise',
    edit: (history, pick) => {
      const anew = placesOf(history, 'welcome').filter(({ step }) => !step.resumed);
      return change(history, pick(anew), () => ({ ordinal: 1 }));
    },
  },
  {
    title: 'somebody new who goes on from nothing',
    kind: 'welcomed-otherwise',
    edit: (history, pick) => {
      const first = placesOf(history, 'welcome').filter(
        ({ step, earlier }) =>
          !step.continues &&
          !earlier.some(
            (one) =>
              (one.kind === 'welcome' || one.kind === 'join') &&
              one.room === step.room &&
              (one.kind === 'welcome' || one.resume),
          ),
      );
      return change(history, pick(first), () => ({ continues: true }));
    },
  },
  {
    title: 'a publish told as accepted on resuming that never was',
    kind: 'welcomed-otherwise',
    edit: (history, pick) => {
      const ended = resumes(history).filter(({ client, step, later }) =>
        later.some(
          (one) =>
            one.kind === 'receive' &&
            one.room === step.room &&
            one.event.kind === 'left' &&
            one.event.participant === client,
        ),
      );
      return change(history, pick(ended), ({ ordinal }) => ({ ordinal: ordinal + 1000 }));
    },
  },
];
