import type { Video } from '@likewire/sdk';
import type { CommentList } from './comment-list.ts';
import type { HistoryReader } from './history-reader.ts';

export interface CommentStreamOptions {
	readonly video: Video;
	readonly ownUser: string;
	readonly comments: CommentList;
	readonly history: HistoryReader;
	readonly announce: (text: string) => void;
	/** Called after each change of the list. */
	readonly onChange: () => void;
	/** Called after a deletion: answers quote the deleted comment. */
	readonly onDeleted: () => void;
}

/** Takes what the stream delivers into the list, and announces the comments of others. */
export function followComments(options: CommentStreamOptions): void {
	const { video, ownUser, comments, history, announce, onChange, onDeleted } = options;
	video.on('comment', (comment) => {
		const isNew = comments.store(comment);
		if (isNew && comment.user !== ownUser) announce(`${comment.user}: ${comment.text}`);
		onChange();
	});
	video.on('comment-deleted', (comment) => {
		comments.remove(comment);
		onChange();
		onDeleted();
	});
	video.on('comment-likes', (comment) => {
		comments.setLikes(comment, comment.totals);
		onChange();
	});
	video.on('gap', history.restart);
	// The first event is the snapshot. The stream delivers all later comments.
	const stopWaiting = video.on('likes', () => {
		stopWaiting();
		history.readNewest();
	});
}
