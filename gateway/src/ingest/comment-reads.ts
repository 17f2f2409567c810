import type { CommentsAnswer } from '@likewire/protocol';
import { GatewayError } from '../runtime/errors.ts';
import { endedAtOf, NO_LIKES, totalsOf } from '../state/counters.ts';
import type { LogEvent, LoggedEvent } from '../state/log.ts';
import { commentTopic, type LikedComment, videoTopic } from '../state/topics/topic.ts';
import type { Store } from '../store/store.ts';
import { commentOf } from './comment.ts';
import { videoEnded } from './likes-service.ts';
import { SingleFlight } from './single-flight.ts';
import type { StoreHealth } from './store-health.ts';

/** The longest delay with which the newest comments show what another node wrote, in milliseconds. */
const FIRST_PAGE_MS = 1_000;

export interface CommentReadsOptions {
	readonly store: Pick<Store, 'find' | 'history' | 'read'>;
	readonly health: StoreHealth;
}

/** A comment that users can like: see {@link CommentReads.likeable}. */
export interface Likeable {
	readonly liked: LikedComment;
	readonly refusal: GatewayError | undefined;
}

/** Reads of comments. Every method rejects with a {@link GatewayError}. */
export interface CommentReads {
	/** Resolves with a page of comments, newest first, after `before`. Rejects with `invalid_cursor`. */
	page(video: string, before: string | undefined, limit: number): Promise<CommentsAnswer>;
	/** Notes a write about a video on this node: later reads include it. */
	changed(video: string): void;
	/**
	 * Resolves with the comment of an id, and the reason to count no like of it; undefined without one.
	 * Rejects with `comment_not_found`, and with `ambiguous_comment` when several users wrote one with
	 * this id and `author` is undefined.
	 */
	likeable(video: string, id: string, author?: string): Promise<Likeable>;
	/** Resolves with a comment, also a deleted one; undefined for none. Rejects: `ambiguous_comment`. */
	liked(video: string, id: string, author?: string): Promise<LikedComment | undefined>;
	/** Resolves with the error for writes about a video that is over; undefined while it runs. */
	whyNotRunning(video: string): Promise<GatewayError | undefined>;
	/** Rejects with `video_ended` when the video is over. */
	checkRunning(video: string): Promise<void>;
}

export function createCommentReads({ store, health }: CommentReadsOptions): CommentReads {
	const pages = new SingleFlight<CommentsAnswer>();

	async function read(video: string, before: string | undefined, limit: number): Promise<CommentsAnswer> {
		const { comments, next } = await store.history(videoTopic(video), before, limit);
		const topics = comments.map(({ id, user }) => commentTopic({ video, id, user }));
		const rows = comments.length === 0 ? undefined : await store.read(topics);
		return {
			comments: comments.map((event, index) => {
				const totals = totalsOf(rows?.get(topics[index] as string) ?? NO_LIKES);
				return { ...commentOf(video, event), ...(Object.keys(totals).length > 0 && { likes: totals }) };
			}),
			next: next ?? null,
		};
	}

	async function whyNotRunning(video: string): Promise<GatewayError | undefined> {
		const topic = videoTopic(video);
		const rows = (await store.read([topic]).catch(failed)).get(topic) ?? NO_LIKES;
		return endedAtOf(rows) === undefined ? undefined : videoEnded();
	}

	function failed(cause: unknown): never {
		throw health.failed(cause);
	}

	return {
		page(video, before, limit) {
			const keepMs = before === undefined ? FIRST_PAGE_MS : 0;
			return pages.get(video, `${limit} ${before ?? ''}`, keepMs, () => read(video, before, limit).catch(failed));
		},
		changed(video) {
			pages.forget(video);
		},
		async likeable(video, id, author) {
			const [known, over] = await Promise.all([store.find(videoTopic(video), id).catch(failed), whyNotRunning(video)]);
			const found = pick(known, author);
			if (found === undefined) throw over ?? commentNotFound();
			const refusal = over ?? (found.kind === 'comment' ? undefined : commentNotFound());
			return { liked: { video, id, user: found.user }, refusal };
		},
		async liked(video, id, author) {
			const found = pick(await store.find(videoTopic(video), id).catch(failed), author);
			return found && { video, id, user: found.user };
		},
		whyNotRunning,
		async checkRunning(video) {
			const over = await whyNotRunning(video);
			if (over !== undefined) throw over;
		},
	};
}

/** Returns the comment of an author among those of one id. Throws `ambiguous_comment`. */
function pick(found: readonly LoggedEvent[], author: string | undefined): LogEvent | undefined {
	const events = found.map(({ event }) => event).filter(({ kind }) => kind === 'comment' || kind === 'erased');
	const fitting = events.filter(({ user }) => author === undefined || user === author);
	const [first] = fitting;
	if (fitting.every(({ user }) => user === first?.user)) return first;
	throw ambiguousComment();
}

function commentNotFound(): GatewayError {
	return new GatewayError('comment_not_found', 'The comment does not exist.');
}

/** Returns the error for a write about a comment whose id belongs to comments of several users. */
export function ambiguousComment(): GatewayError {
	const detail =
		'Comments of several users have this id; name the author as user, in the query or in the body of a like.';
	return new GatewayError('ambiguous_comment', detail);
}
