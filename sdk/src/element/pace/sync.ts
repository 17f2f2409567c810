import type { RecentLike, Totals } from '@likewire/protocol';
import type { LikesUpdate } from '../../topics/likes-update.ts';

/** The part of an update that decides when its likes show. */
export type SyncUpdate = Pick<LikesUpdate, 'delta' | 'own' | 'recent' | 'at'>;

/** Likes whose moments of the program are at most this far apart wait as one, in milliseconds. */
const SLOT_MS = 250;

/** Likes further ahead of the playhead show at once, in milliseconds: so at most 1,200 slots wait. */
export const LONGEST_WAIT_MS = 5 * 60_000;

/** Likes that the playhead passed longer ago count without hearts, in milliseconds: after a jump, or a timer that slept. */
const FLIES_WITHIN_MS = 3_000;

/** Likes that wait for about the same moment of the program. */
interface Slot {
	/** The newest of their moments, before which none of them shows, in Unix milliseconds. */
	newest: number;
	readonly counts: Map<string, number>;
}

/**
 * Holds likes of other viewers back until this viewer sees what they saw.
 * Moments are times of the program in Unix milliseconds. Deterministic, no I/O.
 *
 * A like with a `position` waits until the playhead reaches it, one without waits for the time of its arrival, `at`.
 * `recent` is a random sample, so the likes that it leaves out are spread over the moments of those in it.
 */
export interface Sync {
	/** The likes that wait, by type: what the totals of the gateway contain and the display does not. */
	readonly waiting: Totals;
	/**
	 * Takes an update; returns the likes that fly at once.
	 *
	 * @param playhead infinite: the moment that the viewer sees is not known, so no like waits.
	 * @param user this viewer, whose taps fly at the tap, and whose entries of `recent` say nothing about other viewers.
	 */
	add(update: SyncUpdate, playhead: number, user?: string): Totals;
	/**
	 * Returns the likes that fly as the playhead reaches their moments.
	 *
	 * @param jumped the playhead did not play up to here: the likes that it passed count, and none flies.
	 */
	move(playhead: number, jumped: boolean): Totals;
}

/** Spreads a number of likes over the moments of those that are known. */
function spread(count: number, moments: readonly number[]): [moment: number, count: number][] {
	return moments.map((moment, place) => [moment, Math.floor((count + moments.length - 1 - place) / moments.length)]);
}

function momentsOf(recent: readonly RecentLike[], type: string, user: string | undefined): number[] {
	return recent
		.filter((like) => like.type === type && (user === undefined || like.user !== user))
		.map(({ position, at }) => position ?? at);
}

export function createSync(): Sync {
	/** By their place on the line of moments. */
	const slots = new Map<number, Slot>();
	const waiting = new Map<string, number>();

	function change(type: string, by: number): void {
		const left = (waiting.get(type) ?? 0) + by;
		if (left > 0) waiting.set(type, left);
		else waiting.delete(type);
	}

	function hold(type: string, count: number, moment: number): void {
		const place = Math.floor(moment / SLOT_MS);
		const slot = slots.get(place) ?? { newest: moment, counts: new Map<string, number>() };
		slots.set(place, slot);
		slot.newest = Math.max(slot.newest, moment);
		slot.counts.set(type, (slot.counts.get(type) ?? 0) + count);
		change(type, count);
	}

	/** Drops the newest likes that wait, since as many were taken back. */
	function drop(type: string, count: number): void {
		let left = Math.min(count, waiting.get(type) ?? 0);
		for (const place of [...slots.keys()].sort((a, b) => b - a)) {
			if (left === 0) return;
			const { counts } = slots.get(place) as Slot;
			const dropped = Math.min(left, counts.get(type) ?? 0);
			left -= dropped;
			counts.set(type, (counts.get(type) ?? 0) - dropped);
			change(type, -dropped);
		}
	}

	return {
		get waiting() {
			return Object.fromEntries(waiting);
		},
		add({ delta, own, recent, at }, playhead, user) {
			const flying: Record<string, number> = {};
			for (const [type, change] of Object.entries(delta)) {
				if (change < 0) drop(type, -change);
				const count = change - (own[type] ?? 0);
				if (count <= 0) continue;
				const known = momentsOf(recent, type, user).slice(0, count);
				for (const [moment, likes] of spread(count, known.length > 0 ? known : [at])) {
					if (moment > playhead && moment <= playhead + LONGEST_WAIT_MS) hold(type, likes, moment);
					else flying[type] = (flying[type] ?? 0) + likes;
				}
			}
			return flying;
		},
		move(playhead, jumped) {
			const flying: Record<string, number> = {};
			for (const [place, { newest, counts }] of slots) {
				const isReached = newest <= playhead;
				if (!isReached && newest <= playhead + LONGEST_WAIT_MS) continue;
				slots.delete(place);
				const flies = isReached && !jumped && newest > playhead - FLIES_WITHIN_MS;
				for (const [type, count] of counts) {
					change(type, -count);
					if (flies && count > 0) flying[type] = (flying[type] ?? 0) + count;
				}
			}
			return flying;
		},
	};
}
