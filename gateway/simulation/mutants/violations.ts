/** The texts of violations, by what is wrong. Each mutant names the violation that it causes. */

/** A viewer waits for a change longer than any fault explains. */
export const LATE = /\d+ ms after change \d+ of \S+ it knows/;
/** A frame adds likes to a total that has them already. */
export const COUNTED_TWICE = /likes are counted twice/;
/** The totals before a frame and its delta make another sum than its totals. */
export const WRONG_DELTA = /the totals sent before \+ delta are not the totals sent now/;
/** The store counts other likes than clients sent. */
export const STORE_MISCOUNTS = /miscounts \S+: \{|is miscounted: \{/;
/** A timeline does not add up to the totals of its store. */
export const WRONG_TIMELINE = /the timeline of \S+ in \S+ (adds up to|has at)/;
/** At the end a viewer does not have the total of the store. */
export const WRONG_TOTAL = /connection \d+ at \S+: \S+ is not right: \{/;
/** A viewer did not get an event of a log. */
export const EVENT_MISSING = /event \d+ of \S+ did not come/;
/** A viewer receives an event of a log twice. */
export const EVENT_TWICE = /on \S+ came twice/;
/** An event comes again, or after a later one. */
export const EVENT_REPEATED = /on \S+ came twice|event \d+ came before/;
/** A region does not have the rows of another one, or the other one never sends what waits. */
export const REGION_BEHIND_OR_RELAYS = /\S+ has of \S+ for \S+: \{|still has relays for another region/;
/** A viewer or a dispatcher has a wrong number of viewers. */
export const WRONG_VIEWER_COUNT = /\d+ watch \S+, and (it received|\S+ counts|the tables count) \d+/;
/** An owner serves viewers and does not know that a frontend follows the topic. */
export const ROW_MISSING = /has no row of/;
/** The same, or the row of the frontend has an old number of viewers. */
export const ROW_MISSING_OR_OLD = new RegExp(`${ROW_MISSING.source}|${WRONG_VIEWER_COUNT.source}`);
/** An owner misses a frontend, so that its viewers wait. */
export const LATE_OR_ROW_MISSING = new RegExp(`${LATE.source}|${ROW_MISSING.source}`);
/**
 * A dispatcher does not trust its table, or a frontend still registers topics, though nothing fails
 * any more.
 */
export const UNSETTLED = /does not trust its table|has registrations to send/;
/** Nodes still take an owner for unresponsive though nothing fails any more. */
export const FLOODS = /settled, and yet \d+ updates flooded/;
/** A region's store does not have the rows of another region. */
export const REGION_BEHIND = /\S+ has of \S+ for \S+: \{/;
/** A watcher sees a user offline whose heartbeats arrive. */
export const WRONGLY_OFFLINE = /is shown offline, and (heartbeats arrived|nothing but an owner changed)/;
/** A watcher sees a user online whose heartbeats stopped long ago. */
export const WRONGLY_ONLINE =
	/is shown online, and no heartbeat was sent|no heartbeat for \d+ ms|is not online, and shown otherwise/;
/** A watcher does not see a user that is online. */
export const NOT_SHOWN = /sends heartbeats, and is not shown online|is online, and shown otherwise/;
/** A frontend gives up a log that it could read from the store. */
export const GIVEN_UP = /gives comments up \((lost|unknown_position)\), and the store lives/;
/** A viewer does not have the newest signal of a name, or does not know whether a user types. */
export const SIGNAL_MISSING = /is not sent that \S+ (types|stopped)|has signal \S+ of \S+ and not \d+/;
/** A viewer receives a signal after a later one. */
export const SIGNAL_AGAIN = /signal \d+ of \S+ comes after signal \d+/;
/** A user types for longer than typing lasts. */
export const TYPES_FOR_EVER = /\S+ types for (ever|\d+ ms)/;
/** A viewer resumes at a restored store, and no gap says that earlier comments are gone. */
export const GAP_MISSING = /no gap came when \S+ was restored/;
/** A viewer has other likes of a comment than the stores of all regions together. */
export const WRONG_COMMENT_LIKES = /the likes of \S+ are not right/;
/** A cursor is not at the viewer's last event: events between them would never come. */
export const WRONG_CURSOR =
	/begins behind the end of the log|the cursor of event \d+ passes over|is in no log up to its cursor/;
/** A store has other events in a log than the region that wrote it, or an event is in the wrong log. */
export const WRONG_LOG =
	/\S+ has in the log of \S+ for|begins behind the end of the log|the cursor of event \d+ passes over/;
