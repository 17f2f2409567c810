/** The longest request body, in bytes; the gateway answers a longer one with `body_too_large`. */
export const MAX_BODY_BYTES = 16 * 1024;

/** The longest id of a video or a user, in characters. */
export const MAX_ID_LENGTH = 128;

/** The number of topics that one stream may follow; the gateway answers more with `too_many_topics`. */
export const MAX_TOPICS_PER_CONNECTION = 100;

/** The number of likes in one request. */
export const MAX_LIKES_PER_BATCH = 100;

/** The most time that a like's `position` lies before the like, in milliseconds. */
export const MAX_POSITION_AGE_MS = 60_000;

/** The most points on one page of a timeline. */
export const MAX_TIMELINE_POINTS = 3_600;

/** The most highlights in one answer. */
export const MAX_HIGHLIGHTS = 20;

/** The reaction type of a like that names none. */
export const DEFAULT_REACTION = 'heart';

/** The number of heartbeat periods without any byte after which a client may take a stream for dead. */
export const WATCHDOG_FACTOR = 2.5;

/** The interval at which the client of a signed-in viewer posts to `paths.alive` while its stream is open, in milliseconds. */
export const ALIVE_MS = 60_000;

/** The time after the last post to `paths.alive` at which the gateway ends the connection, in milliseconds. */
export const ALIVE_TIMEOUT_MS = ALIVE_MS * WATCHDOG_FACTOR;

/** The longest text of a comment, in characters (Unicode code points). */
export const MAX_COMMENT_LENGTH = 500;

/** The longest data of an event that a server publishes, in bytes of JSON. */
export const MAX_EVENT_DATA_BYTES = 8 * 1024;

/** The number of users in one request for presence. */
export const MAX_PRESENCE_USERS = 100;

/** The time that a user counts as typing after the last signal, in milliseconds; clients repeat the signal sooner. */
export const TYPING_MS = 6_000;
