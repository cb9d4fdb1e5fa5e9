import type { SpaceTime } from '../../../lib/trace/space-time/space-time.js';
import { spaceTimeOf } from '../../../lib/trace/space-time/space-time-of.js';
import { Random } from '../../simulation/random.js';
import { HistoryRecorder } from '../recorder.js';
import { SimulatedClient } from '../simulated-client.js';
import { SimulatedRoom } from '../simulated-room.js';
import type { SimulatedVisit } from '../simulated-visit.js';
import { runOf } from '../space-time/run-of.js';

/** People who talk in one room, step by step as a test has it; requests and events are under way until somebody takes them. */
export class Conversation {
  readonly #room = new SimulatedRoom('lobby');
  readonly #recorder = new HistoryRecorder();
  readonly #visits = new Map<string, SimulatedVisit>();
  #time = 0;

  constructor(names: readonly string[]) {
    for (const name of names) {
      const client = new SimulatedClient(name, this.#recorder.client(name), [this.#room], () => this.#time);
      for (const visit of client.visits) this.#visits.set(name, visit);
    }
  }

  get events(): number {
    return this.#room.events.length;
  }

  join(name: string): void {
    this.of(name).join(0, true);
  }

  say(name: string, text: string): void {
    this.#time += 1;
    this.of(name).say(text);
  }

  /** The room takes what this one asked. */
  taken(name: string): void {
    const { line } = this.of(name);
    while (line && line.up.length > 0) line.takeUp();
  }

  /** This one takes all events there are for it, or at most `count`. */
  receive(name: string, count = Number.POSITIVE_INFINITY): void {
    for (let taken = 0; taken < count && this.of(name).takeDown(); taken += 1);
  }

  /** The room waits no longer for those whose connection is lost. */
  giveUp(): void {
    for (const session of [...this.#room.lingering]) this.#room.leave(session, 'CONNECTION_LOST');
  }

  /** All that is under way arrives. */
  settle(): void {
    for (let round = 0; round < 3; round += 1) {
      for (const name of this.#visits.keys()) this.taken(name);
      for (const name of this.#visits.keys()) this.receive(name);
    }
  }

  of(name: string): SimulatedVisit {
    const visit = this.#visits.get(name);
    if (!visit) throw new Error(`nobody is called ${name}`);
    return visit;
  }

  spaceTime(): SpaceTime {
    for (const visit of this.#visits.values()) {
      if (visit.known) visit.client.record.end(this.#room.room, visit.ended ?? 'present');
    }
    const { room, logId, events } = this.#room;
    this.#recorder.log({ room, logId, events });
    return spaceTimeOf(runOf(this.#recorder.history()));
  }
}

const texts = [
  'hello everybody',
  'who has the build number?',
  'build 42 is done, and all tests of the nightly run were green for the first time this week',
  'Grüße aus Köln',
  'ok',
  '今晚一起吃饭吗？',
  '👍',
  'see <b>you</b> & me; #1',
];

/** Three people, ten events: joins, a question, two answers that cross in flight, and leaves. */
export function smallTalk(): SpaceTime {
  const talk = new Conversation(['ada', 'bob', 'cem']);
  for (const name of ['ada', 'bob', 'cem']) {
    talk.join(name);
    talk.settle();
  }
  talk.say('ada', 'Who has seen the build?');
  talk.settle();
  talk.say('bob', 'It is green.');
  talk.say('cem', 'It is red!');
  talk.settle();
  talk.say('cem', 'Sorry: green.');
  talk.settle();
  for (const name of ['bob', 'cem', 'ada']) {
    talk.of(name).leave();
    talk.settle();
  }
  return talk.spaceTime();
}

/** People who come late, speak at once, lose their connections, come back, and leave, until the room has `events` events. */
export function chatter(seed: number, names: readonly string[], events: number): SpaceTime {
  const random = new Random(seed);
  const talk = new Conversation(names);
  const early = names.slice(0, Math.ceil(names.length / 2));
  for (const name of early) talk.join(name);
  talk.settle();
  while (talk.events < events) {
    const name = random.pick(names);
    const visit = talk.of(name);
    if (visit.state === 'out' && !visit.ended) talk.join(name);
    else if (visit.state === 'cut' && random.chance(0.3)) visit.back();
    else if (random.chance(0.02) && talk.events > events / 3) visit.cut();
    else if (random.chance(0.01) && talk.events > (events * 2) / 3) visit.leave();
    else if (random.chance(0.35)) talk.say(name, random.pick(texts));
    else if (random.chance(0.5)) talk.settle();
    else {
      talk.taken(name);
      talk.receive(name, random.between(1, 4));
    }
  }
  for (const name of names) talk.of(name).back();
  talk.settle();
  return talk.spaceTime();
}
