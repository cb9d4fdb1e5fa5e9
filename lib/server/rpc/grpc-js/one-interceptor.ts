import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  type ServerListener,
} from '@grpc/grpc-js';

/** What is done with what comes in on a call before its handler has it; whatever a listener says nothing of passes it. */
export type CallListener = Pick<ServerListener, 'onReceiveMetadata' | 'onReceiveHalfClose' | 'onCancel'>;

/** What a call is begun with. */
export type CallMethod = Parameters<ServerInterceptor>[0];

/** Makes the listener of a call that begins. */
export type CallListening = (method: CallMethod, call: ServerInterceptingCallInterface) => CallListener;

/**
 * One interceptor that does what one for each of `listenings` would, in this order. Each interceptor costs grpc-js 1.14 a closure
 * and five calls for every message that passes it, and some 600 bytes for every call that is open. May go when it costs nothing.
 */
export function oneInterceptor(...listenings: readonly CallListening[]): ServerInterceptor {
  return (method, call) => {
    const listeners = listenings.map((listen) => listen(method, call));
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, admit) => {
            listeners.reduceRight<(metadata: Metadata) => void>(
              (pass, { onReceiveMetadata }) =>
                onReceiveMetadata ? (received) => onReceiveMetadata(received, pass) : pass,
              admit,
            )(metadata);
          },
          onReceiveHalfClose: (handOn) => {
            listeners.reduceRight<() => void>(
              (pass, { onReceiveHalfClose }) => (onReceiveHalfClose ? () => onReceiveHalfClose(pass) : pass),
              handOn,
            )();
          },
          onCancel: () => {
            for (const { onCancel } of listeners) onCancel?.();
          },
        }),
    });
  };
}
