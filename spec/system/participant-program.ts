import { Endings } from './endings.js';
import { ResumingParticipant } from './resuming-participant.js';
import { eachLine } from './text-lines.js';

/**
 * A resuming participant as a process of its own, to be killed and stopped:
 *
 *     npx tsx spec/system/participant-program.ts SERVER NAME
 *
 * It says each line of its input, and prints each event as a line of JSON.
 */
const [server = '', name = ''] = process.argv.slice(2);
const participant = new ResumingParticipant(new Endings(), { name, server });
let printed = 0;
participant.told = () => {
  for (; printed < participant.events.length; printed += 1) {
    process.stdout.write(`${JSON.stringify(participant.events[printed])}\n`);
  }
};
await participant.join();
eachLine(process.stdin, (text) => participant.publish(text));
