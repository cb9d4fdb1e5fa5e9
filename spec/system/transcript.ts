import { expect } from 'chai';
import { nextChain } from '../../lib/core/chain.js';

/** What transcripts of one room have to agree on. */
export interface Told {
  readonly kind: 'joined' | 'message' | 'left' | 'unknown';
  readonly sequence: number;
  readonly lamport: number;
  readonly participant: string;
  readonly chain: string;
  readonly text?: string;
  readonly seen?: number;
}

/** The one line for each event by which transcripts are compared. */
export function transcript(events: readonly Told[]): string[] {
  return events.map(
    ({ sequence, lamport, chain, kind, participant, text = '' }) =>
      `${sequence} @${lamport} ${chain} ${participant} ${kind} ${text}`,
  );
}

/**
 * That `events` are one run of a room's history: sequences without gap or repetition, rising logical times, and a chain
 * that goes on from event to event, and from `from` if that is known [P1] [P2] [P3] [P7].
 */
export function expectUnbroken(events: readonly Told[], from?: { sequence: number; chain: string }): void {
  let previous: { sequence: number; chain: string; lamport?: number } | undefined = from && {
    sequence: from.sequence,
    chain: from.chain,
  };
  for (const event of events) {
    const { text = '', seen = 0 } = event;
    if (previous) {
      expect(event.sequence, 'sequence').to.equal(previous.sequence + 1);
      if (event.kind === 'unknown')
        throw new Error(`event ${event.sequence} is of a kind that this client does not know`);
      const { kind } = event;
      expect(event.chain, `chain at ${event.sequence}`).to.equal(
        nextChain(previous.chain, { ...event, kind, text, seen }),
      );
      expect(event.lamport, `logical time at ${event.sequence}`).to.be.greaterThan(previous.lamport ?? 0);
    }
    previous = event;
  }
}

/** That all transcripts agree where they overlap, and that any two of them do overlap [P1]. */
export function expectSameWhereCommon(transcripts: readonly (readonly Told[])[]): void {
  for (const one of transcripts) {
    for (const other of transcripts) {
      const first = Math.max(one[0]?.sequence ?? 0, other[0]?.sequence ?? 0);
      const last = Math.min(one.at(-1)?.sequence ?? 0, other.at(-1)?.sequence ?? 0);
      expect(last, 'the transcripts have a common part').to.be.at.least(first);
      const common = ({ sequence }: Told) => sequence >= first && sequence <= last;
      expect(transcript(one.filter(common))).to.deep.equal(transcript(other.filter(common)));
    }
  }
}
