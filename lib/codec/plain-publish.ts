import { readMessage } from './plain-message-event.js';
import { PlainReader } from './plain-reader.js';

interface Publish {
  readonly lamport: number;
  readonly message: { readonly text: string; readonly ordinal: number; readonly seen: number };
}

/** What the generic decoder finds in the bytes of a ChatRequest; undefined where it is no publish, or not a plain one. */
export function decodePlainChatPublish(bytes: Uint8Array): Publish | undefined {
  const reader = new PlainReader(bytes);
  const lamport = reader.uint64(1);
  const message = reader.message(3, readMessage);
  return message && reader.finished ? { lamport, message } : undefined;
}

/** The same of the bytes of a PublishRequest; undefined where it has no message, or is not plain. */
export function decodePlainPublish(bytes: Uint8Array): (Publish & { readonly session: string }) | undefined {
  const reader = new PlainReader(bytes);
  const session = reader.text(1);
  const lamport = reader.uint64(2);
  const message = reader.message(3, readMessage);
  return message && reader.finished ? { session, lamport, message } : undefined;
}
