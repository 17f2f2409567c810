import type { Totals } from '@likewire/protocol';
import type { Pace, Paced } from './paced.ts';
import { createSync } from './sync.ts';

/** Holds reactions of other viewers to a live program back, hearts and totals, until this viewer sees what they saw. */
export function createSyncPace({ player, live, events, playhead, onMove }: Paced): Pace {
	const sync = createSync();
	let user: string | undefined;
	let totals: Totals = totalsNow();
	const now = () => (player.media.ended ? undefined : playhead()) ?? Number.POSITIVE_INFINITY;

	/** Returns the totals of the gateway, own taps included, without the likes that wait. */
	function totalsNow(): Totals {
		const { waiting } = sync;
		const shown = Object.entries(live.totals).map(([type, count]) => [type, Math.max(0, count - (waiting[type] ?? 0))]);
		return Object.fromEntries(shown);
	}

	function show(flying: Totals): void {
		for (const [type, count] of Object.entries(flying)) events.emit('flight', { type, count, own: false });
		const next = totalsNow();
		if (JSON.stringify(next) === JSON.stringify(totals)) return;
		totals = next;
		events.emit('totals', totals);
	}

	// A sample with own taps says what this viewer sees: for taps of other viewers it would be a wrong moment.
	live.user().then(
		(name) => {
			user = name;
		},
		() => {},
	);
	const unbinds = [
		live.video.on('likes', (update) => show(sync.add(update, now(), user))),
		live.video.on('totals', () => show({})),
		onMove((jumped) => show(sync.move(now(), jumped))),
	];
	return {
		get totals() {
			return totals;
		},
		localize() {},
		stop() {
			for (const unbind of unbinds) unbind();
		},
	};
}
