import { InvalidArgumentError } from 'commander';
import { type HostPort, parseHostPort } from '../platform/host-port.js';

/** An option's `HOST:PORT`; throws commander's own error where it is none. `portMin`: as `parseHostPort` has it. */
export function hostPortArgument(text: string, portMin: 0 | 1): HostPort {
  const address = parseHostPort(text, portMin);
  if (!address) throw new InvalidArgumentError('Write HOST:PORT, such as 127.0.0.1:4000 or [::1]:4000.');
  return address;
}
