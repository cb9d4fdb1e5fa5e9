import type { History, Step, StepOf } from '../../../lib/trace/history/history.js';
import { change, type Mutation, type Pick, type Place, placesOf, put, withSteps } from './mutation.js';

interface Named {
  readonly session: string;
  readonly ordinal: number | bigint;
}

function same(a: Named, b: Step): boolean {
  return 'ordinal' in b && 'session' in b && a.session === b.session && a.ordinal === b.ordinal;
}

/** Sends that were sent and accepted once, so that nothing else speaks for them. */
function plainSends(history: History): Place<'send'>[] {
  return placesOf(history, 'send').filter(({ step, earlier, later }) => {
    const others = [...earlier, ...later].filter((one) => same(step, one));
    return others.length === 1 && others[0]?.kind === 'accepted';
  });
}

function acceptedOf({ step, later }: Place<'send'>): StepOf<'accepted'> | undefined {
  return later.find((one): one is StepOf<'accepted'> => one.kind === 'accepted' && same(step, one));
}

function changedSend(history: History, pick: Pick, fields: Parameters<typeof change<'send'>>[2]): History | undefined {
  return change(history, pick(plainSends(history)), fields);
}

/** Each breaks what was sent or answered. */
export const answerEdits: readonly Mutation[] = [
  {
    title: 'a publish without outcome',
    kind: 'publish-unanswered',
    edit: (history, pick) => {
      const place = pick(plainSends(history));
      return (
        place &&
        withSteps(history, place.client, (steps) =>
          steps.filter((step) => step === place.step || !same(place.step, step)),
        )
      );
    },
  },
  {
    title: 'a refused publish of which the refusal never came',
    kind: 'publish-unanswered',
    edit: (history, pick) => {
      const refusals = placesOf(history, 'refused').filter(
        ({ step, earlier, later }) => [...earlier, ...later].filter((one) => same(step, one)).length === 1,
      );
      return put(history, pick(refusals));
    },
  },
  {
    title: 'an answer with another event than the log has at its sequence',
    kind: 'disagreement',
    edit: (history, pick) =>
      change(history, pick(placesOf(history, 'accepted')), ({ event }) => ({
        event: { ...event, lamport: event.lamport + 1 },
      })),
  },
  {
    title: 'a repeat that was answered with another event',
    kind: 'repeat-answered-otherwise',
    before: ['before-its-cause'],
    edit: (history, pick) => answeredWithAnother(history, pick, true),
  },
  {
    title: 'a publish that was answered with the event of another',
    kind: 'answer-of-another',
    before: ['before-its-cause'],
    edit: (history, pick) => answeredWithAnother(history, pick, false),
  },
  {
    title: 'an answer to a publish that was never sent',
    kind: 'answer-from-nowhere',
    edit: (history, pick) => {
      const place = pick(placesOf(history, 'refused'));
      return (
        place &&
        withSteps(history, place.client, (steps) =>
          steps.filter((step) => step.kind !== 'send' || !same(place.step, step)),
        )
      );
    },
  },
  {
    title: 'a message that nobody sent, by a participant who is there',
    kind: 'forged-message',
    edit: (history, pick) => {
      const place = pick(plainSends(history));
      return place && withSteps(history, place.client, (steps) => steps.filter((step) => !same(place.step, step)));
    },
  },
  {
    title: 'a message that nobody sent, of which its author was told',
    kind: 'forged-message',
    before: ['answer-from-nowhere'],
    edit: (history, pick) => put(history, pick(plainSends(history))),
  },
  {
    title: 'a message with another text than was sent',
    kind: 'text-altered',
    edit: (history, pick) => changedSend(history, pick, () => ({ text: 'what was meant' })),
  },
  {
    title: 'a message that claims its author had been shown something else',
    kind: 'seen-altered',
    edit: (history, pick) => {
      const place = pick(plainSends(history).filter(({ step }) => step.seen > 0));
      return change(history, place, ({ seen }) => ({ seen: seen - 1 }));
    },
  },
  {
    title: 'a message that was refused and is in the log',
    kind: 'refused-yet-published',
    edit: (history, pick) => {
      const place = pick(
        placesOf(history, 'accepted').filter(({ step, earlier, later }) => {
          const others = [...earlier, ...later].filter((one) => same(step, one));
          return others.length === 1;
        }),
      );
      return place && put(history, place, { ...place.step, kind: 'refused', reason: 'RATE_LIMITED' });
    },
  },
  {
    title: 'a refusal that does not say why',
    kind: 'refusal-without-reason',
    edit: (history, pick) => change(history, pick(placesOf(history, 'refused')), () => ({ reason: 'UNSPECIFIED' })),
  },
  {
    title: 'a refused join that does not say why',
    kind: 'refusal-without-reason',
    edit: (history, pick) => change(history, pick(placesOf(history, 'join-refused')), () => ({ reason: '' })),
  },
  {
    title: 'a message before an event that its author had received when sending it',
    kind: 'before-its-cause',
    edit: (history, pick) => {
      const place = pick(plainSends(history));
      const later = place?.later.flatMap((step) =>
        step.kind === 'accepted' && same(place.step, step) ? [step, place.step] : step,
      );
      return place && later && put(history, { ...place, later });
    },
  },
  {
    title: 'a message before another that was acknowledged before it was sent',
    kind: 'overtaken',
    edit: (history, pick) => {
      const sends = plainSends(history);
      const sequenceOf = (place: Place<'send'>) => acceptedOf(place)?.event.sequence ?? 0;
      const place = pick(
        sends.filter((one) =>
          sends.some((other) => one.step.room === other.step.room && sequenceOf(one) < sequenceOf(other)),
        ),
      );
      return change(history, place, () => ({ at: 1e9 }));
    },
  },
  {
    title: 'ordinals forgotten by a resumed session',
    kind: 'ordinals-forgotten',
    edit: (history, pick) => {
      const resumes = placesOf(history, 'welcome').filter(
        ({ step, earlier }) =>
          step.resumed && earlier.some((one) => one.kind === 'accepted' && one.session === step.session),
      );
      return change(history, pick(resumes), () => ({ ordinal: 0 }));
    },
  },
  {
    title: 'a Left at the wish of somebody who did not wish it',
    kind: 'left-unasked',
    edit: (history, pick) => {
      const leaves = placesOf(history, 'leave').filter(({ client, step, earlier, later }) => {
        const once = [...earlier, ...later].every((one) => one.kind !== 'leave' || one.session !== step.session);
        return once && ownLeft(client, later, step) === 'ASKED';
      });
      return put(history, pick(leaves));
    },
  },
  {
    title: 'a session that is over and has no Left',
    kind: 'no-left',
    edit: (history, pick) => {
      const present = placesOf(history, 'end').filter(({ step }) => step.how === 'present');
      return change(history, pick(present), () => ({ how: 'gone' }));
    },
  },
  {
    title: 'a session with a Left whose client is in the room',
    kind: 'left-though-present',
    edit: (history, pick) => {
      const left = placesOf(history, 'end').filter(({ step }) => step.how === 'left');
      return change(history, pick(left), () => ({ how: 'present' }));
    },
  },
];

/** Why the session ended, as its client received it. */
function ownLeft(
  client: string,
  steps: readonly Step[],
  { room, session }: { readonly room: string; readonly session: string },
): string | undefined {
  for (const step of steps) {
    if (step.kind === 'welcome' && step.room === room && step.session !== session) return undefined;
    if (step.kind !== 'receive' || step.room !== room || step.event.participant !== client) continue;
    if (step.event.kind === 'left') return step.event.reason;
  }
  return undefined;
}

/** An accepted publish, answered with what another message became. */
function answeredWithAnother(history: History, pick: Pick, duplicate: boolean): History | undefined {
  const answers = placesOf(history, 'accepted');
  const first = (place: Place<'accepted'>) =>
    !place.earlier.some((one) => one.kind === 'accepted' && same(place.step, one));
  const place = pick(answers.filter((one) => one.step.duplicate === duplicate && first(one) === !duplicate));
  const others = answers.filter(
    ({ step }) => step.room === place?.step.room && step.event.sequence !== place.step.event.sequence,
  );
  const other = pick(others)?.step.event;
  return other && change(history, place, () => ({ event: other }));
}
