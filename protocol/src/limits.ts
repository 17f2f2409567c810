/** The longest request body the gateway reads, in bytes; a longer one is answered with `body_too_large`. */
export const MAX_BODY_BYTES = 16 * 1024;

/** The longest id of a video or a user, in characters. */
export const MAX_ID_LENGTH = 128;

/** How many topics one stream may follow; more is answered with `too_many_topics`. */
export const MAX_TOPICS_PER_CONNECTION = 100;

/** How many likes one request may carry. */
export const MAX_LIKES_PER_BATCH = 100;

/** The reaction a like has when it names none. */
export const DEFAULT_REACTION = 'heart';

/** A client may call a stream dead after this many heartbeat periods in which nothing at all arrived. */
export const WATCHDOG_FACTOR = 2.5;

/** The client of a signed-in viewer says so often that it is there, in milliseconds, while its stream is open. */
export const ALIVE_MS = 60_000;

/** A connection whose client said so once ends when it did not say so again for so long, in milliseconds. */
export const ALIVE_TIMEOUT_MS = ALIVE_MS * WATCHDOG_FACTOR;

/** The longest text of a comment, in characters (Unicode code points). */
export const MAX_COMMENT_LENGTH = 500;

/** The longest data of an event that a server publishes, in bytes of JSON. */
export const MAX_EVENT_DATA_BYTES = 8 * 1024;

/** How many people one question for presence may name. */
export const MAX_PRESENCE_USERS = 100;

/** How long somebody is shown to be typing after they last said so, in milliseconds; who types on says so again sooner. */
export const TYPING_MS = 6_000;
