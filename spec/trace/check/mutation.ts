import type { ViolationKind } from '../../../lib/trace/check/violation.js';
import type { History, LogReading, Step } from '../../../lib/trace/history/history.js';
import type { SimulatedTown } from '../simulated-town.js';

/** One of several, the same one whenever the mutation is repeated with the same history; undefined of none. */
export type Pick = <T>(items: readonly T[]) => T | undefined;

/** One way to break a good history, and what the checker has to say to it. */
export interface Mutation {
  /** What was done, to be read after "reports". */
  readonly title: string;
  readonly kind: ViolationKind;
  /** What may be reported first instead, because it shows earlier in the room. */
  readonly before?: readonly ViolationKind[];
  /** Breaks the record; undefined where this history has nothing of the sort. */
  readonly edit?: (history: History, pick: Pick) => History | undefined;
  /** Breaks the server while it runs, and sets `broken`; asked again after each step until it can. */
  readonly fault?: (town: SimulatedTown, pick: Pick) => void;
}

type StepOf<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;

/** A step and where it stands. */
export interface Place<Kind extends Step['kind']> {
  readonly client: string;
  readonly index: number;
  readonly step: StepOf<Kind>;
  /** The client's steps before and after it. */
  readonly earlier: readonly Step[];
  readonly later: readonly Step[];
}

/** All steps of one kind, with what is around them. */
export function placesOf<Kind extends Step['kind']>(history: History, kind: Kind): Place<Kind>[] {
  return history.clients.flatMap(({ client, steps }) =>
    steps.flatMap((step, index) => {
      if (step.kind !== kind) return [];
      const [earlier, later] = [steps.slice(0, index), steps.slice(index + 1)];
      return { client, index, step: step as StepOf<Kind>, earlier, later };
    }),
  );
}

/** The history with `steps` in the place of the one there, or as it is where there is no place. */
export function put<Kind extends Step['kind']>(
  history: History,
  place: Place<Kind> | undefined,
  ...steps: readonly Step[]
): History | undefined {
  return place && withSteps(history, place.client, () => [...place.earlier, ...steps, ...place.later]);
}

/** The history with other fields in the step at `place`. */
export function change<Kind extends Step['kind']>(
  history: History,
  place: Place<Kind> | undefined,
  fields: (step: StepOf<Kind>) => Partial<StepOf<Kind>>,
): History | undefined {
  return place && put(history, place, { ...place.step, ...fields(place.step) });
}

export function withSteps(history: History, client: string, edit: (steps: readonly Step[]) => Step[]): History {
  const clients = history.clients.map((one) => (one.client === client ? { ...one, steps: edit(one.steps) } : one));
  return { ...history, clients };
}

/** The history without what the clocks were after each reception. */
export function withoutClocks(history: History): History {
  const silent = (step: Step): Step => (step.kind === 'receive' ? { ...step, clock: undefined } : step);
  return { ...history, clients: history.clients.map((one) => ({ ...one, steps: one.steps.map(silent) })) };
}

/** The history with `edit` done to the readings of one log. */
export function withLog(
  history: History,
  log: LogReading | undefined,
  edit: (reading: LogReading) => LogReading[],
): History | undefined {
  return log && { ...history, logs: history.logs.flatMap((one) => (one.logId === log.logId ? edit(one) : one)) };
}

/** The last reading of each log. */
export function finalLogs({ logs }: History): LogReading[] {
  return [...new Map(logs.map((log) => [log.logId, log])).values()];
}
