import {
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { statusOf } from './status.js';

type Serving = 'SERVING' | 'NOT_SERVING';

interface Question {
  readonly service: string;
}

/** The standard health service, grpc.health.v1.Health: SERVING until `stop`, for the server ('') and each service. */
export class Health {
  readonly #services: readonly string[];
  readonly #watchers = new Set<ServerWritableStream<Question, object>>();
  #serving: Serving = 'SERVING';

  constructor(services: readonly string[]) {
    this.#services = ['', ...services];
  }

  // The package's own implementation is not used: it keeps every name that was ever watched, and repeats names in its
  // status texts.
  addTo(server: Server): void {
    server.addService(service, {
      check: (call: ServerUnaryCall<Question, object>, callback: sendUnaryData<object>) => {
        if (this.#services.includes(call.request.service)) callback(null, { status: this.#serving });
        else callback({ code: status.NOT_FOUND, details: 'This server has no service of that name.' });
      },
      list: (_: unknown, callback: sendUnaryData<object>) => {
        callback(null, {
          statuses: Object.fromEntries(this.#services.map((name) => [name, { status: this.#serving }])),
        });
      },
      watch: (call: ServerWritableStream<Question, object>) => {
        if (!this.#services.includes(call.request.service)) {
          // The protocol wants it so: the stream stays open, in case the service comes to be.
          call.write({ status: 'SERVICE_UNKNOWN' });
          return;
        }
        this.#watchers.add(call);
        call.on('cancelled', () => this.#watchers.delete(call));
        call.write({ status: this.#serving });
      },
    });
  }

  /** Says NOT_SERVING from now on, and ends the watches. */
  stop(): void {
    this.#serving = 'NOT_SERVING';
    for (const call of this.#watchers) {
      call.write({ status: this.#serving });
      call.emit('error', statusOf({ kind: 'stopping' }));
    }
  }
}
