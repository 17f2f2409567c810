import type { LikesEvent, Totals } from '@likewire/protocol';

/**
 * The likes of a video, with the likes to display as `totals`.
 * {@link LikesEvent} is what the gateway sends.
 */
export interface LikesUpdate extends LikesEvent {
	/** The likes to display, by reaction: the gateway's, and this client's own that it has not counted yet. */
	readonly totals: Totals;
	/**
	 * How many likes of `delta` are known to be this client's own taps.
	 * A page that drew a heart at the tap draws `delta` less these.
	 */
	readonly own: Totals;
}
