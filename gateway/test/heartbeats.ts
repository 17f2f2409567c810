import { viewOf } from './views.ts';

/** The time in which each user sends a heartbeat, in milliseconds. */
export const EVERY = 10_000;

/** The grace of a heartbeat, in milliseconds. */
export const GRACE = 2_500;

export const TIMES = { everyMs: EVERY, graceMs: GRACE };

/** A ring of one dispatcher. */
export const one = viewOf({ dispatchers: ['d1'] }).ring;

/** A ring of two dispatchers. */
export const two = viewOf({ dispatchers: ['d1', 'd2'] }).ring;
