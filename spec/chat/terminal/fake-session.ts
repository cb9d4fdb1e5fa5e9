/**
 * A program for a pseudo-terminal: the terminal client in a room that the test makes. What happens in the room comes
 * over a Unix socket, one JSON array a line: a method of FakeChatClient and its arguments.
 */
import { createConnection } from 'node:net';
import { runTerminal } from '../../../lib/chat/terminal/run-terminal.js';
import { Refused } from '../../../lib/client/errors.js';
import { rejection } from '../../../lib/core/rejection.js';
import { eachLine } from '../../system/text-lines.js';
import { FakeChatClient } from './fake-chat-client.js';

const client = new FakeChatClient('ada');
client.happenedBefore('zoë', { kind: 'joined' });
for (let index = 1; index <= 30; index++) client.happenedBefore('zoë', { kind: 'message', text: `earlier ${index}` });
client.happen('ada', { kind: 'joined' });
client.beforePublish = (text) => {
  if (text.includes('refuse me')) throw new Refused(rejection('RATE_LIMITED', 1, 1000));
};

const methods: Readonly<Record<string, (...values: never[]) => unknown>> = {
  happen: client.happen.bind(client),
  endSession: client.endSession.bind(client),
  hangOnLeave: () => {
    client.beforeLeave = () => new Promise(() => {});
  },
  /** Many messages at once, numbered. */
  burst: (participant: string, first: number, last: number) => {
    for (let index = first; index <= last; index++)
      client.happen(participant, { kind: 'message', text: `burst ${index}` });
  },
  /** Answers by a message with the memory in use, in MiB. */
  memory: () => {
    global.gc?.();
    client.happen('server', {
      kind: 'message',
      text: `memory ${Math.round(process.memoryUsage().heapUsed / 2 ** 20)}`,
    });
  },
};

const socket = createConnection(process.env.FAKE_ROOM ?? '');
eachLine(socket, (line) => {
  const [method, ...values] = JSON.parse(line) as [string, ...never[]];
  methods[method]?.(...values);
});

const end = await runTerminal(client, {
  input: process.stdin,
  output: process.stdout,
  coloured: !process.env.NO_COLOR,
  server: '127.0.0.1:4000',
  logFile: '/tmp/ada.log',
  news: [],
  past: undefined,
  keeper: undefined,
  stop: new AbortController().signal,
});
socket.destroy();
if (end === 'cut-short') process.exit(130);
process.exitCode = { left: 0, ended: 3 }[end];
