import type { CommentAnswer, LikeAnswer, Totals } from '@likewire/protocol';
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { CommentOptions, ConnectionState, LikeOptions, Video, VideoEvents } from '../index.ts';
import { LikewireError } from '../index.ts';
import { useClientScope } from './provider.ts';
import { type Followed, useHandle } from './use-handle.ts';

const NO_TOTALS: Totals = {};

/** Returns the handle of a mounted component. Throws `closed` for any other. */
export function openHandle<H>({ handle }: Followed<H>): H {
	if (handle !== undefined) return handle;
	throw new LikewireError('closed', 'The component is not mounted.');
}

function useLike(followed: Followed<Video>): Reactions['like'] {
	return useCallback((type, options) => openHandle(followed).like(type, options), [followed]);
}

/** The reactions of a video. */
export interface Reactions {
	/**
	 * The likes to display, by reaction, own taps included at once.
	 * Empty until the first event, and on a server.
	 */
	readonly totals: Totals;
	/** As `Video.like`; the same function at each render. */
	readonly like: (type?: string, options?: LikeOptions) => Promise<LikeAnswer>;
}

/** Follows the reactions of a video. Renders again when its totals change. */
export function useReactions(video: string): Reactions {
	const [totals, followed] = useHandle(
		video,
		(client, changed) => {
			const handle = client.video(video);
			handle.on('totals', changed);
			return handle;
		},
		(handle) => handle?.totals ?? NO_TOTALS,
	);
	const like = useLike(followed);
	return useMemo(() => ({ totals, like }), [totals, like]);
}

/** Follows the number of viewers of a video; undefined until the gateway sends it, and on a server. */
export function useViewers(video: string): number | undefined {
	const [viewers] = useHandle(
		video,
		(client, changed) => {
			const handle = client.video(video);
			handle.on('viewers', changed);
			return handle;
		},
		(handle) => handle?.viewers,
	);
	return viewers;
}

/** A video as one component shows it. */
export interface LiveVideo extends Reactions {
	/** The number of viewers; undefined until the gateway sends it. */
	readonly viewers: number | undefined;
	/** Whether the video is over: the gateway refuses likes and comments. */
	readonly ended: boolean;
	/** As `Video.comment`; the same function at each render. */
	readonly comment: (text: string, options?: CommentOptions) => Promise<CommentAnswer>;
}

/**
 * Follows a video: totals, viewers, and whether it is over. Renders again when one of them changes.
 * A component that shows only one of them uses {@link useReactions} or {@link useViewers}.
 */
export function useLiveVideo(video: string): LiveVideo {
	const { totals, like } = useReactions(video);
	const viewers = useViewers(video);
	const [ended, followed] = useHandle(
		video,
		(client, changed) => {
			const handle = client.video(video);
			handle.on('ended', changed);
			return handle;
		},
		(handle) => handle?.ended ?? false,
	);
	const comment = useCallback(
		(text: string, options?: CommentOptions) => openHandle(followed).comment(text, options),
		[followed],
	);
	return useMemo(() => ({ totals, viewers, ended, like, comment }), [totals, viewers, ended, like, comment]);
}

/**
 * Calls `listener` at each event of a video, and renders nothing: for flying hearts, or sounds.
 * `listener` may be another function at each render.
 *
 * @example
 * useVideoEvent('v1', 'likes', ({ delta, own }) => hearts.burst({ type: 'heart', count: (delta.heart ?? 0) - (own.heart ?? 0) }));
 */
export function useVideoEvent<Name extends keyof VideoEvents>(
	video: string,
	name: Name,
	listener: (data: VideoEvents[Name]) => void,
): void {
	const scope = useClientScope();
	const newest = useRef(listener);
	useEffect(() => {
		newest.current = listener;
	}, [listener]);
	useEffect(() => {
		const client = scope.acquire();
		const handle = client.video(video);
		handle.on(name, (data) => newest.current(data));
		return () => {
			handle.close();
			scope.release();
		};
	}, [scope, video, name]);
}

/** Follows the state of the connection; `connecting` on a server. */
export function useConnectionState(): ConnectionState {
	const scope = useClientScope();
	const subscribe = useCallback(
		(changed: () => void) => {
			const unbind = scope.acquire().on('state', changed);
			return () => {
				unbind();
				scope.release();
			};
		},
		[scope],
	);
	return useSyncExternalStore(subscribe, scope.state, () => 'connecting');
}
