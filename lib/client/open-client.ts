import { Client, credentials } from '@grpc/grpc-js';
import { CannotConnect } from './errors.js';
import { clientLimits } from './limits.js';

/** A connection to `server`, made when it is first used. Throws CannotConnect where that is no address. */
export function openClient(server: string): Client {
  try {
    return new Client(server, credentials.createInsecure(), {
      'grpc.keepalive_time_ms': clientLimits.keepaliveMs,
      'grpc.keepalive_timeout_ms': clientLimits.keepaliveTimeoutMs,
      'grpc.max_receive_message_length': clientLimits.responseBytesMax,
      // A connection of its own for each visit: one connection takes only so many streams.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
    });
  } catch (error) {
    throw new CannotConnect(`${server} is no server's address; write HOST:PORT`, { cause: error });
  }
}
