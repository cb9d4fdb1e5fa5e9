import type { Bench } from '../case.js';
import { Crowd } from '../crowd.js';
import { GrpcParticipant } from '../load/grpc-participant.js';
import { NatsParticipant } from '../load/nats-participant.js';
import { Samples } from '../load/samples.js';

/**
 * Many join one room at once: how long, from the first one's beginning, until each was told of everybody (p50, p99), and
 * until all were (max). With NATS, each subscribes and then publishes that it has come.
 */
export async function joins({ sizes, forEachSubject, report }: Bench): Promise<void> {
  await forEachSubject(async (subject, endings) => {
    const crowd = new Crowd(subject);
    const told = new Samples();
    const began = performance.now();
    const toldNow = (): void => told.add(performance.now() - began);
    const come = async (): Promise<void> => {
      for (let index = 0; index < sizes.joins; index += 1) {
        const member = subject.join(endings);
        crowd.members.push(member);
        if (member instanceof GrpcParticipant) {
          member.arrived = (place) => {
            if (place === sizes.joins) toldNow();
          };
        }
      }
      if (!subject.announcesJoins) await sayThatAllHaveCome(crowd, toldNow);
      await crowd.until('everybody was told of everybody', () => told.count === sizes.joins);
    };
    const figures = await crowd.during(come);
    for (const member of crowd.members) {
      if (member instanceof GrpcParticipant && member.known !== sizes.joins) {
        throw new Error(`a participant knows of ${member.known} of ${sizes.joins}`);
      }
    }
    report(`${sizes.joins} at once`, subject.name, { ...figures, ...told.summary() });
  });
}

/** Who subscribes later is not told of those before: that all was told shows by a message after the last. */
async function sayThatAllHaveCome(crowd: Crowd, toldNow: () => void): Promise<void> {
  const members = crowd.members.filter((member) => member instanceof NatsParticipant);
  for (const member of members) {
    member.speaker.say(1);
    member.ping();
  }
  // The first ping is the subscription's, the second that of what it then said.
  await crowd.until('all have said that they came', () => members.every(({ pongs }) => pongs === 2));
  const last = members[0];
  for (const member of members) {
    member.received = (author, ordinal) => {
      if (author === 1 && ordinal === 2) toldNow();
    };
  }
  last?.speaker.say(1);
}
