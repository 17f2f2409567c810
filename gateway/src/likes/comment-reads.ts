import type { CommentsAnswer } from '@likewire/protocol';
import { endedAtOf, NO_LIKES, totalsOf } from '../delivery/likes.ts';
import { commentTopic, type LikedComment, videoTopic } from '../delivery/topic.ts';
import { GatewayError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import { subjectOf } from '../store/subject.ts';
import { commentOf } from './comment.ts';
import type { LateComments } from './late-comments.ts';
import { videoEnded } from './likes-service.ts';
import { SharedReads } from './shared-reads.ts';
import type { StoreHealth } from './store-health.ts';

/** The newest comments may be as old as this, in milliseconds, where they were written on another node. */
const FIRST_PAGE_MS = 1_000;

export interface CommentReadsOptions {
	readonly store: Pick<Store, 'find' | 'history' | 'read'>;
	readonly health: StoreHealth;
	/** Comments that are on their way here. */
	readonly late: LateComments;
}

/** What is read of comments. Every method rejects with a {@link GatewayError}. */
export interface CommentReads {
	/** A page of the comments of a video, newest first, behind the `next` of the page before. Rejects with `invalid_cursor`. */
	page(video: string, before: string | undefined, limit: number): Promise<CommentsAnswer>;
	/** Something was written about a video here: whoever asks from now on sees it. */
	changed(video: string): void;
	/** The comment of an id that can be liked. Rejects unless it is there, and its video is not over. */
	likeable(video: string, id: string): Promise<LikedComment>;
	/** The comment of an id, also one that is deleted; undefined when there is none. */
	liked(video: string, id: string): Promise<LikedComment | undefined>;
	/** Rejects with `video_ended` when it is over. */
	checkRunning(video: string): Promise<void>;
}

export function createCommentReads({ store, health, late }: CommentReadsOptions): CommentReads {
	const pages = new SharedReads<CommentsAnswer>();

	async function read(video: string, before: string | undefined, limit: number): Promise<CommentsAnswer> {
		const { comments, next } = await store.history(videoTopic(video), before, limit);
		const subjects = comments.map(({ id, user }) => subjectOf(commentTopic({ video, id, user })));
		const rows = comments.length === 0 ? undefined : await store.read(subjects);
		return {
			comments: comments.map((event, index) => {
				const totals = totalsOf(rows?.get(subjects[index] as string) ?? NO_LIKES);
				return { ...commentOf(video, event), ...(Object.keys(totals).length > 0 && { likes: totals }) };
			}),
			next: next ?? null,
		};
	}

	async function checkRunning(video: string): Promise<void> {
		const rows = (await store.read([video]).catch(failed)).get(video) ?? NO_LIKES;
		if (endedAtOf(rows) !== undefined) throw videoEnded();
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
		async likeable(video, id) {
			const topic = videoTopic(video);
			const [known] = await Promise.all([store.find(topic, id).catch(failed), checkRunning(video)]);
			const event = known ?? (await late.find(topic, id));
			if (event?.kind !== 'comment') throw new GatewayError('comment_not_found', 'There is no such comment.');
			return { video, id, user: event.user };
		},
		async liked(video, id) {
			const event = await store.find(videoTopic(video), id).catch(failed);
			return event && { video, id, user: event.user };
		},
		checkRunning,
	};
}
