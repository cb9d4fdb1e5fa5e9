import type { Bench } from '../case.js';
import { Crowd } from '../crowd.js';
import { Samples } from '../load/samples.js';
import { ChitServer } from '../subjects/chit-server.js';

/** Under way while the events are made that the others miss. */
const underWay = 256;

/** Longer than it takes to make them. */
const grace = ['--grace', '1h'];

/**
 * Participants whose connections were lost, many events ago, resume all at once: how fast they get what they missed, and
 * when each is there (p50, p99, max).
 */
export async function catchUp({ sizes, endings, report }: Bench): Promise<void> {
  const server = await ChitServer.start(endings, grace);
  const absent = new Crowd(server);
  const visit = { resumable: true };
  for (let index = 0; index < sizes.catchUpParticipants; index += 1) absent.members.push(server.join(endings, visit));
  await absent.untilAllAt(sizes.catchUpParticipants);
  const places = absent.members.map((member) => member.welcome());
  for (const member of absent.members) member.cut();
  const crowd = new Crowd(server);
  await crowd.join(endings, 1, sizes.catchUpParticipants);
  const [speaker] = crowd.members;
  if (!speaker) return;
  speaker.speaker.speak(underWay);
  await crowd.until('enough was said', () => speaker.speaker.answered >= sizes.catchUpEvents);
  speaker.speaker.speak(0);
  await crowd.settle();
  const there = new Samples();
  const back = new Crowd(server);
  const began = performance.now();
  const figures = await back.during(async () => {
    for (const [index, { session, logId, sequence, chain }] of places.entries()) {
      const name = `Participant ${index + 1}`;
      const member = server.join(endings, { name, resumable: true, resume: { session, logId, sequence, chain } });
      member.arrived = (place) => {
        if (place === crowd.goal) there.add(performance.now() - began);
      };
      back.members.push(member);
    }
    await back.until('everybody has caught up', () => there.count === places.length);
  });
  const memoryBytes = await server.heldBytes();
  for (const [index, member] of back.members.entries()) {
    const missed = crowd.goal - (places[index]?.sequence ?? 0);
    if (member.events !== missed || !member.welcome().resumed) {
      throw new Error(`a participant got ${member.events} of ${missed} events`);
    }
  }
  const setting = `${sizes.catchUpParticipants} participants, ${sizes.catchUpEvents} events behind`;
  report(setting, server.name, { ...figures, ...there.summary(), memoryBytes });
}
