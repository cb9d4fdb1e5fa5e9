import { change, type Mutation, placesOf, withoutClocks } from './mutation.js';

/** Each breaks a Lamport time that a client recorded. */
export const clockEdits: readonly Mutation[] = [
  {
    title: 'a client that did not tick before it sent',
    kind: 'clock-not-ticked',
    before: ['lamport-off-rule'],
    edit: (history, pick) =>
      change(history, pick(placesOf(history, 'send')), ({ lamport }) => ({ lamport: lamport - 1 })),
  },
  {
    title: 'a client that sent with no later time than it had received, though it wrote down no clock',
    kind: 'clock-not-ticked',
    before: ['lamport-off-rule'],
    edit: (history, pick) => {
      const silent = withoutClocks(history);
      const received = placesOf(silent, 'send').filter(({ earlier }) => earlier.at(-1)?.kind === 'receive');
      const place = pick(received);
      const before = place?.earlier.at(-1);
      return change(silent, place, () => ({ lamport: before?.kind === 'receive' ? before.event.lamport : 0 }));
    },
  },
  {
    title: 'a client that begins with another time than 1',
    kind: 'clock-not-ticked',
    before: ['lamport-off-rule', 'lamport-below-sender'],
    edit: (history, pick) => {
      const first = placesOf(history, 'join').filter(({ index }) => index === 0);
      return change(history, pick(first), ({ lamport }) => ({ lamport: lamport + 1 }));
    },
  },
  {
    title: 'a client that did not tick before it joined',
    kind: 'clock-not-ticked',
    before: ['lamport-off-rule'],
    edit: (history, pick) =>
      change(history, pick(placesOf(history, 'join')), ({ lamport }) => ({ lamport: lamport - 1 })),
  },
  {
    title: 'a client whose clock did not advance on an event',
    kind: 'clock-not-advanced',
    edit: (history, pick) => {
      const clocked = placesOf(history, 'receive').filter(({ step }) => step.clock !== undefined);
      return change(history, pick(clocked), ({ clock = 0 }) => ({ clock: clock - 1 }));
    },
  },
  {
    title: 'a client whose clock went further than an event takes it',
    kind: 'clock-not-advanced',
    edit: (history, pick) => {
      const clocked = placesOf(history, 'receive').filter(
        ({ step, earlier }) =>
          step.clock !== undefined && earlier.at(-1)?.kind !== 'receive' && earlier.at(-1)?.kind !== 'accepted',
      );
      return change(history, pick(clocked), ({ clock = 0 }) => ({ clock: clock + 1 }));
    },
  },
  {
    title: "a message whose time in the log is not greater than its sender's",
    kind: 'lamport-below-sender',
    edit: (history, pick) => {
      const sends = placesOf(history, 'send').filter(({ step, earlier, later }) => {
        const answer = later.find(
          (one) => one.kind === 'accepted' && one.session === step.session && one.ordinal === step.ordinal,
        );
        const again = [...earlier, ...later].some(
          (one) => one.kind === 'send' && one.session === step.session && one.ordinal === step.ordinal,
        );
        return answer !== undefined && !again;
      });
      return change(history, pick(sends), ({ lamport }) => ({ lamport: lamport + 1000 }));
    },
  },
];
