import type { CommentEvent, Totals } from '@likewire/protocol';
import type { Client } from '../../client.ts';
import type { ConnectionState } from '../../connection-options.ts';
import { createEmitter, type Unbind } from '../../emitter.ts';
import type { LikewireError } from '../../errors.ts';
import type { Video } from '../../video.ts';

/** A place in CSS pixels from the top left corner of a stage. */
export interface Place {
	/** From the left. */
	readonly x: number;
	/** From the top. */
	readonly y: number;
}

/** Likes that fly: those of other viewers, or one tap of this viewer. */
export interface Flight {
	/** The reaction. */
	readonly type: string;
	/** The number of likes. */
	readonly count: number;
	/** Whether it is a tap of this viewer. */
	readonly own: boolean;
	/** Undefined: from where hearts rise. */
	readonly from?: Place | undefined;
}

/** The events of a {@link Live}. */
export interface LiveEvents {
	/** Likes fly. */
	readonly flight: Flight;
	/** The likes to display changed. */
	readonly totals: Totals;
	/** The number of viewers changed. */
	readonly viewers: number;
	/** A user commented. */
	readonly comment: CommentEvent;
	/** The video is over, with its final totals. */
	readonly ended: Totals;
	/** The state of the connection changed. */
	readonly state: ConnectionState;
	/** The gateway stored a like of this viewer. */
	readonly like: { readonly type: string; readonly id: string };
	/** The gateway refused a like of this viewer: its type. */
	readonly refused: string;
	/** Why the gateway refused a like, or why the stream is down. */
	readonly error: LikewireError;
}

/** A video as elements show it: several elements share one. */
export interface Live {
	/** The client, which elements share. */
	readonly client: Client;
	/** The video, for its writes; an element closes it. */
	readonly video: Video;
	/** The likes to display. */
	readonly totals: Totals;
	/** Adds a listener; returns a function that removes it. */
	on<Name extends keyof LiveEvents>(event: Name, listener: (data: LiveEvents[Name]) => void): Unbind;
	/**
	 * Counts a tap and lets its heart fly at once. Ignored once the video is over.
	 *
	 * @param position the time of the program that the user sees, in Unix milliseconds; the `live` of a player adds its own.
	 */
	like(type: string, from?: Place, position?: number): void;
	/** Resolves with the name of the user of the client; undefined where it cannot be known. */
	user(): Promise<string | undefined>;
	/** Returns whether the user of the client may delete comments of other users. */
	mayModerate(): boolean;
}

/** The user of a client, as far as the page knows. */
export type Viewer = Pick<Live, 'user' | 'mayModerate'>;

/** Follows a video. Returns it, and a function that ends it. */
export function openLive(client: Client, videoId: string, viewer: Viewer): { live: Live; close: () => void } {
	const events = createEmitter<LiveEvents>();
	const video = client.video(videoId);
	const unbinds = [
		client.on('state', (state) => events.emit('state', state)),
		client.on('error', (error) => events.emit('error', error)),
	];
	video.on('likes', ({ delta, own }) => {
		// The delta contains the taps of this viewer, whose hearts have flown.
		for (const [type, change] of Object.entries(delta)) {
			const count = change - (own[type] ?? 0);
			if (count > 0) events.emit('flight', { type, count, own: false });
		}
	});
	video.on('totals', (totals) => events.emit('totals', totals));
	video.on('viewers', ({ count }) => events.emit('viewers', count));
	video.on('comment', (comment) => events.emit('comment', comment));
	video.on('ended', ({ totals }) => events.emit('ended', totals));
	video.on('error', (error) => events.emit('error', error));

	const live: Live = {
		client,
		video,
		get totals() {
			return video.totals;
		},
		on: events.on,
		like(type, from, position) {
			if (video.ended) return;
			events.emit('flight', { type, count: 1, own: true, from });
			video.like(type, { position }).then(
				({ id }) => events.emit('like', { type, id }),
				(error) => {
					events.emit('refused', type);
					events.emit('error', error);
				},
			);
		},
		...viewer,
	};
	return {
		live,
		close() {
			for (const unbind of unbinds) unbind();
			video.close();
		},
	};
}
