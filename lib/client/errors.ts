import type { Rejection } from '../core/rejection.js';

/** The server refused a join or a publish; `rejection` says why and when to try again. */
export class Refused extends Error {
  override name = 'Refused';
  readonly rejection: Rejection;

  constructor(rejection: Rejection) {
    super(rejection.detail);
    this.rejection = rejection;
  }
}

/** No server answered at the address, or what answered is no chat server. */
export class CannotConnect extends Error {
  override name = 'CannotConnect';
}

/** The visit ended before the answer came. */
export class VisitOver extends Error {
  override name = 'VisitOver';
}
