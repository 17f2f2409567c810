import { diffTotals, isReactionType, type LikeAnswer, type LikesEvent, type Totals } from '@likewire/protocol';
import { createEmitter, type Emitter } from './emitter.ts';
import { LikewireError } from './errors.ts';
import type { LikeQueue } from './like-queue.ts';
import { createTaps } from './taps.ts';
import { uuid } from './uuid.ts';

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

export interface VideoEvents {
	readonly likes: LikesUpdate;
	readonly totals: Totals;
}

/** What all handles of one video share. */
export interface Topic {
	readonly id: string;
	readonly events: Pick<Emitter<VideoEvents>, 'on'>;
	readonly totals: Totals;
	like(type: string): Promise<LikeAnswer>;
	/** The stream was opened anew. */
	reopened(): void;
	/** News from the stream. */
	show(event: LikesEvent): void;
}

export function createTopic(id: string, queue: LikeQueue): Topic {
	const events = createEmitter<VideoEvents>();
	const taps = createTaps();
	let totals: Totals = {};

	function update(): boolean {
		const next = taps.totals;
		const changed = Object.keys(diffTotals(totals, next)).length > 0;
		totals = next;
		return changed;
	}

	function emitChange(): void {
		if (update()) events.emit('totals', totals);
	}

	return {
		id,
		events,
		get totals() {
			return totals;
		},
		async like(type) {
			if (typeof type !== 'string' || !isReactionType(type)) {
				throw new LikewireError('unknown_reaction', `${JSON.stringify(type)} cannot name a reaction.`);
			}
			const like = uuid();
			taps.tap(like, type);
			try {
				const answering = queue.push({ video: id, id: like, type, onPost: () => taps.sent(like) });
				emitChange();
				const answer = await answering;
				// Another id: this reaction counts once per user and was given before, so this tap does not count.
				if (answer.id === like) taps.answered(like, answer.revision, answer.duplicate);
				else taps.dropped(like);
				return answer;
			} catch (error) {
				taps.dropped(like);
				throw error;
			} finally {
				emitChange();
			}
		},
		reopened: taps.reopened,
		show(event) {
			const own = taps.show(event);
			const changed = update();
			events.emit('likes', { ...event, totals, own });
			if (changed) events.emit('totals', totals);
		},
	};
}
