import {
	diffTotals,
	isReactionType,
	type LikeAnswer,
	type LikesEvent,
	paths,
	type Totals,
	uuid,
} from '@likewire/protocol';
import { LikewireError } from '../errors.ts';
import type { EventKind } from '../topics/event-kind.ts';
import type { Topic } from '../topics/topic.ts';
import { createEnd } from './ended.ts';
import { createTaps } from './taps.ts';

/** The options of a like. */
export interface LikeOptions {
	/**
	 * The time of the program that the user sees, in Unix milliseconds, such as the program-date-time of HLS.
	 * The gateway takes times of the last 60 s. The client sends a like without its position when that is refused: the
	 * like then counts at the time of its arrival.
	 */
	readonly position?: number | undefined;
}

/** The likes of a video. */
export interface Likes {
	readonly totals: Totals;
	like(type: string, options?: LikeOptions): Promise<LikeAnswer>;
	/** Merges an event of the stream, and emits what changed. */
	show(event: LikesEvent): void;
}

/** Throws `unknown_reaction` for a name that no gateway can have. */
export function checkReaction(type: string): void {
	if (typeof type === 'string' && isReactionType(type)) return;
	throw new LikewireError('unknown_reaction', `${JSON.stringify(type)} cannot name a reaction.`);
}

export function createLikes(topic: Topic): Likes {
	const { id, events, gateway, life } = topic;
	const taps = createTaps();
	let totals: Totals = {};
	life.on('opened', taps.reopened);

	function update(): boolean {
		const next = taps.totals;
		const changed = Object.keys(diffTotals(totals, next)).length > 0;
		// The same object for equal totals, so that a page that compares by identity does not draw again.
		if (changed || Object.keys(totals).length !== Object.keys(next).length) totals = next;
		return changed;
	}

	function emitChange(): void {
		if (update()) events.emit('totals', totals);
	}

	return {
		get totals() {
			return totals;
		},
		async like(type, { position } = {}) {
			checkReaction(type);
			topic.part(createEnd).refuseWrites();
			const like = uuid();
			taps.tap(like, type);
			try {
				const answering = gateway.write<LikeAnswer>({
					path: paths.likes(id),
					body: { id: like, type, position: position && Math.round(position) },
					staysInRegion: true,
					tap: like,
					onPost: () => taps.sent(like),
				});
				emitChange();
				const answer = await answering;
				// Another id: this reaction counts once per user and the user gave it before, so this tap does not count.
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
		show(event) {
			const own = taps.show(event);
			const changed = update();
			events.emit('likes', { ...event, totals, own });
			if (changed) events.emit('totals', totals);
		},
	};
}

export const LIKES: EventKind<'likes'> = (topic, event) => {
	if (!event.totals || !Array.isArray(event.recent)) throw new TypeError('No likes.');
	topic.part(createLikes).show(event);
};
