import type { Case } from './case.js';
import { fanOut } from './cases/fan-out.js';

/** All cases, by the names they are called by, in the order they run in. */
export const cases: ReadonlyMap<string, Case> = new Map([['fan-out', fanOut]]);
