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
import { createLikes, type LikeOptions } from './kinds/likes.ts';
import type { Highlights, HighlightsOptions, Timeline, TimelineOptions } from './kinds/timeline.ts';
import { createViewers } from './kinds/viewers.ts';
import type { UseParts } from './late-parts.ts';
import { createHandle } from './topics/handle.ts';
import type { Topic, TopicEvents } from './topics/topic.ts';

/** The events of a video. */
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

/** A video that the client follows. {@link Client.video} makes it. */
export interface Video {
	/** The id that the caller passed. */
	readonly id: string;
	/**
	 * The likes to display, by reaction type.
	 * They contain what the gateway counted, and own taps that it has not counted yet.
	 * Before the first event, only own taps. Counts no tap twice.
	 */
	readonly totals: Totals;
	/** The number of viewers, all regions together; undefined until the gateway sends it. */
	readonly viewers: number | undefined;
	/** Whether the video is over: the gateway takes no more writes to it. */
	readonly ended: boolean;
	/**
	 * Adds a listener; returns a function that removes it.
	 * - `likes`: the gateway sent likes: {@link LikesUpdate}. The first after each time the stream opened is a snapshot,
	 *   with an empty `delta`. The client does not repeat it to later listeners: read `totals`.
	 * - `totals`: the likes to display changed, for whatever reason: the new {@link Video.totals}.
	 * - `viewers`: the number of viewers changed: {@link ViewersEvent}.
	 * - `comment`: a user commented, this one included: {@link CommentEvent}. Each once. Earlier comments are in
	 *   {@link Video.comments}.
	 * - `comment-deleted`: a comment was deleted: {@link CommentDeletedEvent}.
	 * - `comment-likes`: the likes of a comment changed: {@link CommentLikesEvent}.
	 * - `custom`: a server published an event about the video: {@link CustomEvent}.
	 * - `ended`: the video is over, with its final totals: {@link EndedEvent}. Once.
	 * - `gap`: the client missed comments or custom events: {@link GapEvent}. The comments are in {@link Video.comments}.
	 * - `error`: the gateway does not let this client follow the video; its other topics go on: a {@link LikewireError},
	 *   mostly `forbidden`. The client asks again with the next stream, or when all handles of the video closed and a new
	 *   one opens.
	 *
	 * @example
	 * const stop = video.on('totals', ({ heart = 0 }) => { counter.textContent = heart; });
	 */
	on<Name extends keyof VideoEvents>(event: Name, listener: (data: VideoEvents[Name]) => void): Unbind;
	/**
	 * Likes the video. `totals` shows it at once.
	 * The like waits for the first stream and for the network. The client retries until the gateway answers. The like counts
	 * once, for any number of retries and regions.
	 *
	 * @param type The reaction; default `heart`.
	 * @param options `position`: the time of the program that the user sees, in Unix milliseconds.
	 * @returns The gateway's answer, once the like is stored: `{ id, totals, revision, duplicate, … }`.
	 * @throws {LikewireError} `unknown_reaction`, `unauthorized`, `forbidden` and other refusals of the gateway; `video_ended`;
	 * `queue_full` when 1,000 writes wait for their answer; `closed` when the client or this video is closed. Then the tap
	 * leaves `totals` again. After `closed`, and refusals for missing rights, the next page, or client, of the same user may
	 * still send it: see the option `storage`.
	 */
	like(type?: string, options?: LikeOptions): Promise<LikeAnswer>;
	/**
	 * Comments. Waits and retries as a like does; stored once. The comments of one user keep their order.
	 *
	 * @param text 1 to 500 characters.
	 * @returns The comment as it is stored. The event `comment` also brings it, once.
	 * @throws {LikewireError} `invalid_text`, `parent_not_found`, `invalid_parent` and other refusals of the gateway;
	 * `video_ended`, `queue_full` and `closed`, as with {@link Video.like}.
	 * @example
	 * const id = uuid();
	 * show({ id, text, pending: true });
	 * video.comment(text, { id }).catch((error) => showFailure(id, error.code));
	 */
	comment(text: string, options?: CommentOptions): Promise<CommentAnswer>;
	/**
	 * Deletes a comment of this user, or, as a moderator, of any user.
	 * Each viewer receives `comment-deleted`.
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
	 * Returns the comments so far, newest first, with their likes.
	 * It requests pages as the caller uses them, so stopping early costs nothing: keep the iterator, and call its `next()`
	 * when the user scrolls.
	 *
	 * @throws {LikewireError} from its `next()`: `network`, `timeout` and refusals of the gateway. The next call goes on.
	 * @example
	 * for await (const comment of video.comments({ limit: 50 })) {
	 *   if (!show(comment)) break;
	 * }
	 */
	comments(options?: HistoryOptions): AsyncIterableIterator<Comment>;
	/**
	 * Reads the reactions by time: how many likers saw which second of the program.
	 * A like without a position counts at the second in which the gateway accepted it. Requests all pages, of up to 3,600
	 * points each, before it resolves: pass `from` and `to` where one recording of a long video is enough.
	 *
	 * @throws {LikewireError} `invalid_step`, `invalid_range`, `network`, `timeout`, other refusals of the gateway, and
	 * `closed`.
	 * @example
	 * const { points } = await video.timeline({ step: '10s' });
	 * draw(points.map(({ at, counts }) => [at - startOfRecording, counts.heart ?? 0]));
	 */
	timeline(options?: TimelineOptions): Promise<Timeline>;
	/**
	 * Reads the times with the most reactions: 10 s each, from the last 24 h with reactions.
	 *
	 * @throws {LikewireError} `invalid_count`, and as {@link Video.timeline} does.
	 */
	highlights(options?: HighlightsOptions): Promise<Highlights>;
	/** Stops following and listening. Pending writes still go out. Idempotent. */
	close(): void;
}

/** Creates one handle of a video; it calls `onClose` once. */
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
		like: (type = DEFAULT_REACTION, options) => write(() => likes.like(type, options)),
		comment: (text, options) => write(() => use(({ sendComment }) => sendComment(topic, text, options))),
		deleteComment: (id, options) => write(() => use(({ deleteComment }) => deleteComment(topic, id, options))),
		likeComment: (comment, type = DEFAULT_REACTION) =>
			write(() => use(({ likeComment }) => likeComment(topic, comment, type))),
		comments(options) {
			checkOpen();
			return openHistory(() => use(async ({ readHistory }, gateway) => readHistory(topic, gateway, options)));
		},
		timeline: (options) => write(() => use(({ timeline }, gateway) => timeline(topic.id, gateway, options))),
		highlights: (options) => write(() => use(({ highlights }, gateway) => highlights(topic.id, gateway, options))),
		close,
	};
}
