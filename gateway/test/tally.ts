import { addTotals, diffTotals, type LikesEvent, type Totals } from '@likewire/protocol';

/** The totals of a viewer that takes the first event as a snapshot and adds later deltas, by video. */
export class Tally {
	readonly #held = new Map<string, Totals>();

	/** Adds an event. Throws if the snapshot with the deltas differs from its totals. */
	apply(event: LikesEvent): void {
		const held = this.#held.get(event.video);
		if (held === undefined && Object.keys(event.delta).length > 0) {
			throw new Error(`the first event of ${event.video} is not a snapshot: ${JSON.stringify(event)}`);
		}
		const sum = held === undefined ? event.totals : addTotals(held, event.delta);
		if (Object.keys(diffTotals(sum, event.totals)).length > 0) {
			throw new Error(`snapshot + deltas are ${JSON.stringify(sum)}, the totals ${JSON.stringify(event.totals)}`);
		}
		this.#held.set(event.video, sum);
	}

	/** Forgets a video, whose next event is a snapshot again. */
	forget(video: string): void {
		this.#held.delete(video);
	}

	of(video: string): Totals | undefined {
		return this.#held.get(video);
	}
}
