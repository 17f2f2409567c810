import type { Video } from '@likewire/sdk';
import type { CommentList, ShownComment } from './comment-list.ts';
import type { ProblemLine } from './problem-line.ts';

/** What the viewer does with comments. The list shows each action before the gateway answers it, except a deletion. */
export interface CommentActions {
	send(id: string, text: string, parent: string | undefined): Promise<void>;
	like(comment: ShownComment): Promise<void>;
	delete(comment: ShownComment): Promise<void>;
	/** Drops a comment that was not sent. */
	discard(comment: ShownComment): void;
}

export interface CommentActionsOptions {
	readonly video: Video;
	readonly ownUser: string;
	readonly comments: CommentList;
	readonly problem: ProblemLine;
	/** Called after each change of the list. */
	readonly onChange: () => void;
}

export function createCommentActions(options: CommentActionsOptions): CommentActions {
	const { video, ownUser: user, comments, problem, onChange } = options;
	return {
		async send(id, text, parent) {
			comments.send({ id, user, text, parent, at: Date.now() });
			onChange();
			try {
				await video.comment(text, { id, parent });
				problem.clear();
			} catch (error) {
				comments.fail({ id, user });
				problem.show(error);
				onChange();
			}
		},
		async like(comment) {
			if (comment.liked || video.ended) return;
			comments.like(comment, true);
			onChange();
			try {
				comments.setLikes(comment, (await video.likeComment(comment)).totals);
			} catch (error) {
				comments.like(comment, false);
				problem.show(error);
			}
			onChange();
		},
		async delete(comment) {
			try {
				await video.deleteComment(comment.id);
				comments.remove(comment);
			} catch (error) {
				problem.show(error);
			}
			onChange();
		},
		discard(comment) {
			comments.remove(comment);
			problem.clear();
			onChange();
		},
	};
}
