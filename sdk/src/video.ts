import {
	type Comment,
	type CommentAnswer,
	DEFAULT_REACTION,
	type DeleteCommentAnswer,
	type LikeAnswer,
	type Totals,
} from '@likewire/protocol';
import type { Unbind } from './emitter.ts';
import type { HistoryOptions } from './kinds/comment-history.ts';
import type { CommentOptions, CommentToLike, DeleteCommentOptions } from './kinds/comment-writes.ts';
import { createEnd } from './kinds/ended.ts';
import { openHistory } from './kinds/history.ts';
import { createLikes } from './kinds/likes.ts';
import { createViewers } from './kinds/viewers.ts';
import type { UseParts } from './late-parts.ts';
import { createHandle } from './topics/handle.ts';
import type { Topic, TopicEvents } from './topics/topic.ts';

/** What happens around a video. */
export type VideoEvents = Pick<
	TopicEvents,
	| 'likes'
	| 'totals'
	| 'viewers'
	| 'comment'
	| 'comment-deleted'
	| 'comment-likes'
	| 'custom'
	| 'ended'
	| 'gap'
	| 'error'
>;

/** A video that is followed. Made by {@link Client.video}. */
export interface Video {
	/** The id that it was followed by. */
	readonly id: string;
	/**
	 * The likes to display, by reaction type: what the gateway counted, and this client's own taps that are not in it
	 * yet. Empty until the first event, but for own taps. Never the same tap twice.
	 */
	readonly totals: Totals;
	/** How many watch, all regions together; undefined until the gateway said so. */
	readonly viewers: number | undefined;
	/** The video is over: nothing more is written about it. */
	readonly ended: boolean;
	/**
	 * Listens; answers with a function that stops listening.
	 * - `likes`: the gateway sent likes: {@link LikesUpdate}. The first after each time the stream opened is a snapshot,
	 *   with an empty `delta`. It is not repeated to who listens later: read `totals`.
	 * - `totals`: what to display changed, for whatever reason: the new {@link Video.totals}.
	 * - `viewers`: more or fewer watch: {@link ViewersEvent}.
	 * - `comment`: somebody commented, or this client did: {@link CommentEvent}. Each once. What was said before this video
	 *   was followed is in {@link Video.comments}.
	 * - `comment-deleted`: one is gone: {@link CommentDeletedEvent}.
	 * - `comment-likes`: the likes of one changed: {@link CommentLikesEvent}.
	 * - `custom`: a server published something about the video: {@link CustomEvent}.
	 * - `ended`: the video is over, with its final totals: {@link EndedEvent}. Once.
	 * - `gap`: comments or custom events were missed: {@link GapEvent}. The comments are in {@link Video.comments}.
	 * - `error`: the gateway does not let this client follow the video, while everything else goes on: a
	 *   {@link LikewireError}, mostly `forbidden`. It is asked for again with the next stream, or when all its handles
	 *   were closed and a new one is opened.
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
	 * @throws {LikewireError} `unknown_reaction`, `unauthorized`, `forbidden` and other refusals of the gateway; `video_ended`;
	 * `queue_full` when 1,000 writes wait for their answer; `closed` when the client or this video is closed. Then the tap
	 * leaves `totals` again. After `closed`, and refusals for lack of rights, the next page, or client, of the same user may still
	 * send it: see the option `storage`.
	 */
	like(type?: string): Promise<LikeAnswer>;
	/**
	 * Comments. Waits and is sent again as a like is, and stored once; one's own comments keep their order.
	 *
	 * @param text 1 to 500 characters.
	 * @returns The comment as it is stored. It comes in `comment`, too, once.
	 * @throws {LikewireError} `invalid_text`, `parent_not_found`, `invalid_parent` and other refusals of the gateway;
	 * `video_ended`, `queue_full` and `closed`, as with {@link Video.like}.
	 * @example
	 * const id = uuid();
	 * show({ id, text, pending: true });
	 * video.comment(text, { id }).catch((error) => showFailure(id, error.code));
	 */
	comment(text: string, options?: CommentOptions): Promise<CommentAnswer>;
	/**
	 * Deletes a comment of this user, or, as a moderator, of any user. Every viewer gets `comment-deleted`.
	 *
	 * @throws {LikewireError} `forbidden`, `comment_not_found`, `ambiguous_comment` and other refusals; `queue_full`; `closed`.
	 */
	deleteComment(id: string, options?: DeleteCommentOptions): Promise<DeleteCommentAnswer>;
	/**
	 * Likes a comment; its new totals come in `comment-likes`.
	 *
	 * @param comment A comment, or its id. Comments of two users may have one id; such an id alone is refused with
	 * `ambiguous_comment`.
	 * @param type The reaction; default `heart`.
	 * @throws {LikewireError} as {@link Video.like} does, and `comment_not_found`.
	 */
	likeComment(comment: CommentToLike, type?: string): Promise<LikeAnswer>;
	/**
	 * The comments so far, newest first, with their likes. Pages are asked for as they are used, so it costs nothing to
	 * stop early: keep it, and ask its `next()` for more when somebody scrolls.
	 *
	 * @throws {LikewireError} from its `next()`: `network`, `timeout` and refusals of the gateway. Asked again, it goes on.
	 * @example
	 * for await (const comment of video.comments({ limit: 50 })) {
	 *   if (!show(comment)) break;
	 * }
	 */
	comments(options?: HistoryOptions): AsyncIterableIterator<Comment>;
	/** Stops following, and listening. Writes on their way still go out. May be called twice. */
	close(): void;
}

/** One handle of a video; `onClose` is called once. */
export function createVideo(topic: Topic, onClose: () => void, use: UseParts): Video {
	const { on, close, checkOpen, write } = createHandle<keyof VideoEvents>([topic], onClose);
	const likes = topic.part(createLikes);
	const viewers = topic.part(createViewers);
	const end = topic.part(createEnd);
	return {
		id: topic.id,
		get totals() {
			return likes.totals;
		},
		get viewers() {
			return viewers.count;
		},
		get ended() {
			return end.reached;
		},
		on,
		like: (type = DEFAULT_REACTION) => write(() => likes.like(type)),
		comment: (text, options) => write(() => use(({ sendComment }) => sendComment(topic, text, options))),
		deleteComment: (id, options) => write(() => use(({ deleteComment }) => deleteComment(topic, id, options))),
		likeComment: (comment, type = DEFAULT_REACTION) =>
			write(() => use(({ likeComment }) => likeComment(topic, comment, type))),
		comments(options) {
			checkOpen();
			return openHistory(() => use(async ({ readHistory }, gateway) => readHistory(topic, gateway, options)));
		},
		close,
	};
}
