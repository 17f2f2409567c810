/** What simulations say, by what is wrong: each mutant names what it causes. */

/** A viewer waits for a change longer than any fault explains. */
export const LATE = /\d+ ms after change \d+ of \S+ it knows/;
/** A frame adds likes to a total that has them already. */
export const COUNTED_TWICE = /likes are counted twice/;
/** What a viewer was shown and what a frame adds make another sum than the frame says. */
export const WRONG_DELTA = /told \+ delta is not totals/;
export const STORE_MISCOUNTS = /miscounts \S+: \{|is miscounted: \{/;
/** In the end a viewer has not the total of the store. */
export const WRONG_TOTAL = /connection \d+ at \S+: \S+ is not right: \{/;
/** A viewer did not get an event of a log. */
export const EVENT_MISSING = /event \d+ of \S+ did not come/;
export const EVENT_TWICE = /on \S+ came twice/;
/** An event came again, or after a later one. */
export const EVENT_REPEATED = /on \S+ came twice|event \d+ came before/;
/** A viewer that was sent the deletion of a comment is sent the comment. */
export const DELETED_RETURNS = /comment \S+ on \S+ came though it had been deleted/;
export const WRONG_HEADCOUNT = /\d+ watch \S+, and (it was told|\S+ counts|the tables count) \d+/;
/** An owner serves viewers and does not know that a frontend follows the topic. */
export const ROW_MISSING = /has no row of/;
/** The same, or the row of the frontend has an old number of viewers. */
export const ROW_MISSING_OR_OLD = new RegExp(`${ROW_MISSING.source}|${WRONG_HEADCOUNT.source}`);
export const UNSETTLED = /does not trust its table|has not told the dispatchers all/;
/** Nodes still doubt an owner though nothing fails any more. */
export const FLOODS = /settled, and yet \d+ updates flooded/;
/** A region's store has not what another region says. */
export const REGION_BEHIND = /\S+ has of \S+ about \S+: \{/;
/** A user is shown as offline while heartbeats of theirs arrive. */
export const WRONGLY_OFFLINE = /is shown offline, and (was heard of|nothing but an owner changed)/;
/** A user is shown as online though heartbeats stopped long ago. */
export const WRONGLY_ONLINE =
	/is shown online, and nobody said so|nobody said for \d+ ms that|is not there, and shown otherwise/;
/** A user is online and not shown. */
export const NOT_SHOWN = /is there, was heard of, and is not shown|is there, and shown otherwise/;
/** A frontend gives up a log that it could read from the store. */
export const GIVEN_UP = /gives comments up \(unknown_position\), and the store lives/;
/** A viewer has not the newest signal of a name, or not whether a user types. */
export const SIGNAL_MISSING = /is not sent that \S+ (types|stopped)|has signal \S+ of \S+ and not \d+/;
/** A viewer is sent a signal after a later one. */
export const SIGNAL_AGAIN = /signal \d+ of \S+ comes after signal \d+/;
/** A user types for longer than typing lasts. */
export const TYPES_FOR_EVER = /\S+ types for (ever|\d+ ms)/;
/** A viewer goes on where a restored store is, and no gap says that comments before it are gone. */
export const GAP_MISSING = /it was told no gap when \S+ was restored/;
/** A viewer has other likes of a comment than the stores of all regions together. */
export const WRONG_COMMENT_LIKES = /the likes of \S+ are not right/;
/** A cursor stands where the viewer is not: events between them would never come. */
export const WRONG_CURSOR =
	/begins where nobody wrote yet|the cursor of event \d+ passes over|is in no log up to its cursor/;
/** The store of a region has other events in a log than the region that wrote it, or an event stands in the wrong log. */
export const WRONG_LOG =
	/\S+ has in the log of \S+ about|begins where nobody wrote yet|the cursor of event \d+ passes over/;
