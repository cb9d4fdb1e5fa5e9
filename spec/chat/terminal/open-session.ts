import type { SessionFacts } from '../../../lib/chat/terminal/command.js';
import { TerminalSession } from '../../../lib/chat/terminal/terminal-session.js';
import { FakeChatClient } from './fake-chat-client.js';

/** A session with a client whose room the test makes. */
export function openSession(client = new FakeChatClient(), facts: Partial<SessionFacts> = {}, kept?: 'from the start') {
  const lines: string[] = [];
  let changes = 0;
  const session = new TerminalSession(
    client,
    { server: '127.0.0.1:4000', logFile: '/var/log/ada.log', news: [], past: undefined, keeper: undefined, ...facts },
    (line) => lines.push(line.spans.map(({ text }) => text).join('')),
    () => {
      changes += 1;
    },
  );
  session.start();
  if (!kept) lines.length = 0;
  const type = (text: string) => session.act({ kind: 'edit', edit: { kind: 'insert', text } });
  return {
    client,
    session,
    lines,
    /** How often the screen was said to be another. */
    changes: () => changes,
    type,
    enter(text: string) {
      type(text);
      session.act({ kind: 'submit' });
    },
  };
}

/** Resolves when what was begun and needs no more than promises has come about. */
export const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
