import type { LikesEvent, Totals } from '@likewire/protocol';

/** The likes of a video, with `totals` being what to display. See {@link LikesEvent} for what the gateway sends. */
export interface LikesUpdate extends LikesEvent {
	/** The likes to display, by reaction: the gateway's, and this client's own that are not in them yet. */
	readonly totals: Totals;
	/**
	 * How many of `delta` are this client's own taps, as far as known: a page that drew a heart at the tap draws
	 * `delta` less these.
	 */
	readonly own: Totals;
}
