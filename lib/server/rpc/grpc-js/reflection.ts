import type { Server, ServerDuplexStream, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthContract } from 'grpc-health-check';
import { contract } from '../../../codec/contract.js';
import { linked } from './linked-descriptors.js';

export type ReflectionStream = ServerDuplexStream<object, object>;
type ReflectionHandler = (stream: ReflectionStream) => void;

/** Server reflection, v1 and v1alpha: programs without our .proto ask the server for it. */
export function addReflection(server: Server): void {
  const described = linked({ ...contract, ...loadSync(healthContract) });
  new ReflectionService(described).addToServer({
    addService: (service: ServiceDefinition, handlers: Readonly<Record<string, ReflectionHandler>>) =>
      server.addService(
        service,
        Object.fromEntries(Object.entries(handlers).map(([method, handler]) => [method, paced(handler)])),
      ),
  });
}

/** Takes the next question only while the answers are read: the package's handler would buffer them without bound [P12]. */
export function paced(handler: ReflectionHandler): ReflectionHandler {
  return (stream) => {
    const write = stream.write.bind(stream);
    stream.write = (answer: object): boolean => {
      const writable = write(answer);
      if (!writable) stream.pause();
      return writable;
    };
    stream.on('drain', () => stream.resume());
    handler(stream);
  };
}
