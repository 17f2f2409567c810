import { DEFAULT_REACTION, type LikeAnswer, type Totals } from '@likewire/protocol';
import type { Unbind } from './emitter.ts';
import { LikewireError } from './errors.ts';
import type { Topic, VideoEvents } from './topic.ts';

/** A video that is followed. Made by {@link Client.video}. */
export interface Video {
	readonly id: string;
	/**
	 * The likes to display, by reaction type: what the gateway counted, and this client's own taps that are not in it
	 * yet. Empty until the first event, but for own taps. Never the same tap twice.
	 */
	readonly totals: Totals;
	/**
	 * Listens; answers with a function that stops listening.
	 * - `likes`: the gateway sent likes: {@link LikesUpdate}. The first after each time the stream opened is a snapshot,
	 *   with an empty `delta`. It is not repeated to who listens later: read `totals`.
	 * - `totals`: what to display changed, for whatever reason: the new {@link Video.totals}.
	 *
	 * @example
	 * const stop = video.on('totals', ({ heart = 0 }) => { counter.textContent = heart; });
	 */
	on<Name extends keyof VideoEvents>(event: Name, listener: (data: VideoEvents[Name]) => void): Unbind;
	/**
	 * Likes the video. It shows in `totals` at once, waits for the first stream and while there is no network, and is sent
	 * again until it is answered, counted once however often, and to however many regions, it was sent.
	 *
	 * @param type The reaction; default `heart`.
	 * @returns The gateway's answer, once the like is stored: `{ id, totals, revision, duplicate, … }`.
	 * @throws {LikewireError} `unknown_reaction`, `unauthorized`, `forbidden` and other refusals of the gateway; `queue_full` when 1,000 likes wait
	 * for their answer; `closed` when the client or this video is closed. Then the tap leaves `totals` again.
	 */
	like(type?: string): Promise<LikeAnswer>;
	/** Stops following, and listening. Likes on their way still go out. May be called twice. */
	close(): void;
}

/** One handle of a topic; `onClose` is called once. */
export function createVideo(topic: Topic, onClose: () => void): Video {
	const bound = new Set<Unbind>();
	let closed = false;
	return {
		id: topic.id,
		get totals() {
			return topic.totals;
		},
		on(event, listener) {
			if (closed) return () => {};
			const unbind = topic.events.on(event, listener);
			bound.add(unbind);
			return () => {
				bound.delete(unbind);
				unbind();
			};
		},
		async like(type = DEFAULT_REACTION) {
			if (closed) throw new LikewireError('closed', `The video "${topic.id}" was closed.`);
			return topic.like(type);
		},
		close() {
			if (closed) return;
			closed = true;
			for (const unbind of bound) unbind();
			bound.clear();
			onClose();
		},
	};
}
