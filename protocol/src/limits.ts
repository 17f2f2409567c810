/** The longest request body the gateway reads, in bytes; a longer one is answered with `body_too_large`. */
export const MAX_BODY_BYTES = 16 * 1024;

/** The longest id of a video or a user, in characters. */
export const MAX_ID_LENGTH = 128;

/** How many topics one stream may follow; more is answered with `too_many_topics`. */
export const MAX_TOPICS_PER_CONNECTION = 100;

/** The reaction a like has when it names none. */
export const DEFAULT_REACTION = 'heart';

/** A client may call a stream dead after this many heartbeat periods in which nothing at all arrived. */
export const WATCHDOG_FACTOR = 2.5;
