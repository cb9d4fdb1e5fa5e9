import { Endings } from '../system/endings.js';
import { RawCaller } from '../system/raw-caller.js';

/** A raw caller that can be made anew: gRPC's own back-off after a lost connection is not what is tested. */
export class FreshCaller {
  readonly #server: string;
  #endings = new Endings();
  #caller: RawCaller;

  constructor(server: string) {
    this.#server = server;
    this.#caller = new RawCaller(this.#endings, server);
  }

  get caller(): RawCaller {
    return this.#caller;
  }

  renew(): void {
    this.close();
    this.#endings = new Endings();
    this.#caller = new RawCaller(this.#endings, this.#server);
  }

  close(): void {
    void this.#endings.run();
  }
}
