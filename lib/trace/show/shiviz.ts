import { Causality } from '../space-time/causality.js';
import type { Lifeline, SpaceTime } from '../space-time/space-time.js';
import { happening } from '../space-time/words.js';

/**
 * One line an event: the host, its vector clock, its Lamport time (which ShiViz shows as a field) and what happened.
 * ShiViz matches with the flags g and m, and takes hosts for keys of JavaScript objects.
 */
const parser = String.raw`^(?<host>\S+) (?<clock>\{[^}]*\}) (?<lamport>\d+) (?<event>.*)$`;

/**
 * A run as a log that ShiViz (I. Beschastnikh et al., "Debugging Distributed Systems", 2016;
 * github.com/DistributedClocks/shiviz) loads as a file: the expression that its lines are read by, an empty line (there
 * is one execution), and a line for each moment. Each host's own entry begins with 1 and rises by 1; entries of 0 are
 * left out. The lines have no line feeds.
 *
 * `safe` makes text safe to show, without line ends of any kind. Throws TooManyClocks.
 */
export function shivizLines(spaceTime: SpaceTime, safe: (text: string) => string): Iterable<string> {
  return lines(spaceTime, new Causality(spaceTime), safe);
}

function* lines({ lifelines, moments }: SpaceTime, causality: Causality, safe: (text: string) => string) {
  const hosts = hostsOf(lifelines);
  yield parser;
  yield '';
  for (const moment of moments) {
    const { index, lifeline, lamport } = moment;
    const clock: string[] = [];
    for (const [at, position] of causality.clockOf(index).entries()) {
      if (position > 0) clock.push(`${JSON.stringify(hosts[at])}:${position}`);
    }
    const event = safe(`${lifelines[lifeline]?.name} ${happening(moment)} (L ${lamport})`);
    yield `${hosts[lifeline]} {${clock.join(',')}} ${lamport} ${event}`;
  }
}

/** Each lifeline's own name without spaces, braces or quotes, which no JavaScript object has by birth. */
function hostsOf(lifelines: readonly Lifeline[]): string[] {
  const taken = new Set<string>();
  return lifelines.map(({ kind, name }) => {
    const plain = name.replace(/[^\p{L}\p{M}\p{N}._#-]/gu, '_') || kind;
    let host = plain;
    for (let count = 2; taken.has(host) || host in {}; count += 1) host = `${plain}-${count}`;
    taken.add(host);
    return host;
  });
}
