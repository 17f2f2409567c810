import type { Comment, DeleteCommentAnswer, LikeAnswer } from '@likewire/protocol';
import { useMemo } from 'react';
import {
	type CommentEntry,
	CommentList,
	type CommentsOptions,
	type CommentsState,
	NO_COMMENTS,
} from '../comments/comment-list.ts';
import { useHandle } from './use-handle.ts';
import { openHandle } from './use-video.ts';

/** The comments of a video, and actions on them. The functions are the same at each render. */
export interface Comments extends CommentsState {
	/** Reads the next older page. */
	readonly loadMore: () => Promise<void>;
	/**
	 * Sends a comment of 1 to 500 characters.
	 * It shows at once as `sending`, and stays as `failed` after a refusal.
	 */
	readonly send: (text: string, options?: { readonly parent?: string | undefined }) => Promise<void>;
	/** Sends a failed comment again, as the same comment. */
	readonly retry: (id: string) => Promise<void>;
	/** Removes a failed comment from the list. */
	readonly discard: (id: string) => void;
	/** Deletes a comment of this user or, as a moderator, of any user. */
	readonly remove: (comment: Pick<Comment, 'id' | 'user'> | CommentEntry) => Promise<DeleteCommentAnswer>;
	/** Likes a comment; its `likes` change. */
	readonly like: (comment: Pick<Comment, 'id' | 'user'> | CommentEntry, type?: string) => Promise<LikeAnswer>;
}

/**
 * Follows the comments of a video as one list, oldest first.
 * The list contains the history, new comments, and those that this client sends.
 *
 * @example
 * const { comments, send, loadMore, hasMore } = useComments('v1');
 * return comments.map(({ key, user, text, status }) => <p key={key} data-status={status}>{user}: {text}</p>);
 */
export function useComments(video: string, { pageSize, max }: CommentsOptions = {}): Comments {
	const [state, followed] = useHandle(
		`${video} ${pageSize} ${max}`,
		(client, changed) => {
			const handle = client.video(video);
			const list = new CommentList(handle, { pageSize, max }, changed);
			return {
				list,
				handle,
				close() {
					list.close();
					handle.close();
				},
			};
		},
		(opened) => opened?.list.state ?? NO_COMMENTS,
	);
	const actions = useMemo(() => {
		const list = () => openHandle(followed).list;
		const handle = () => openHandle(followed).handle;
		return {
			loadMore: async () => list().loadMore(),
			send: async (text: string, options?: { readonly parent?: string | undefined }) => list().send(text, options),
			retry: async (id: string) => list().retry(id),
			discard: (id: string) => list().discard(id),
			remove: async ({ id, user }: Pick<CommentEntry, 'id' | 'user'>) => handle().deleteComment(id, { user }),
			like: async ({ id, user }: Pick<CommentEntry, 'id' | 'user'>, type?: string) =>
				handle().likeComment(user === undefined ? id : { id, user }, type),
		};
	}, [followed]);
	return useMemo(() => ({ ...state, ...actions }), [state, actions]);
}
