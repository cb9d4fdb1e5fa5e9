import diagnostics from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/**
 * Takes the errors of sockets that nobody else does, until the returned function is called. A channel of grpc-js that is closed while
 * it connects lets go of its socket; a reset of that one is then an error that would end this process, whose raw callers are closed
 * at any moment. Clients of the library see to it themselves.
 */
export function takeErrorsOfForgottenSockets(): () => void {
  const made = (message: unknown): void => {
    (message as { readonly socket: Socket }).socket.on('error', () => {});
  };
  diagnostics.subscribe('net.client.socket', made);
  return () => {
    diagnostics.unsubscribe('net.client.socket', made);
  };
}
