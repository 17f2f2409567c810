import { createEmitter, type Emitter } from '../../emitter.ts';
import type { Live, LiveEvents } from '../base/live.ts';
import type { Pace } from '../pace/paced.ts';

/** A video as a player shows it: the same for all elements that follow the player. */
export interface Stage {
	readonly live: Live;
	/** Where a pace sends flights of other viewers, and totals. */
	readonly events: Emitter<LiveEvents>;
	/** Shows reactions at the pace of another; undefined: as they arrive. */
	setPace(pace: Pace | undefined): void;
	/** Ends what it follows. */
	close(): void;
}

/** Creates a stage of a video. Its likes carry the `position` that the user sees, in Unix milliseconds. */
export function createStage(source: Live, position: () => number | undefined): Stage {
	const events = createEmitter<LiveEvents>();
	let pace: Pace | undefined;
	const unbinds = [
		source.on('flight', (flight) => {
			if (flight.own || pace === undefined) events.emit('flight', flight);
		}),
		source.on('totals', (totals) => {
			if (pace === undefined) events.emit('totals', totals);
		}),
	];
	return {
		events,
		live: {
			...source,
			get totals() {
				return pace?.totals ?? source.totals;
			},
			on: (event, listener) => (event === 'flight' || event === 'totals' ? events : source).on(event, listener),
			like: (type, from) => source.like(type, from, position()),
		},
		setPace(next) {
			if (next === pace) return;
			pace?.stop();
			pace = next;
			events.emit('totals', pace?.totals ?? source.totals);
		},
		close() {
			pace?.stop();
			pace = undefined;
			for (const unbind of unbinds) unbind();
		},
	};
}
