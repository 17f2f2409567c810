import { type Comment, type CommentAnswer, type CommentsAnswer, paths } from '@likewire/protocol';
import { expect } from 'vitest';
import { postJson } from './http-client.ts';

interface Served {
	readonly url: string;
}

export interface CommentOptions {
	readonly id?: string;
	readonly parent?: string;
	readonly region?: string;
	readonly user?: string;
}

export function postComment(gateway: Served, video: string, text: unknown, options: CommentOptions = {}) {
	const { user = 'ann', ...more } = options;
	return postJson(gateway.url + paths.comments(video), { text, ...more }, { 'X-Likewire-User': user });
}

/** Posts a comment, and expects that it is stored. */
export async function comment(gateway: Served, video: string, text = 'hello', options?: CommentOptions) {
	const response = await postComment(gateway, video, text, options);
	expect(response.status).toBe(201);
	return (await response.json()) as CommentAnswer;
}

export function deleteComment(gateway: Served, video: string, id: string, user = 'ann') {
	return fetch(gateway.url + paths.comment(video, id), { method: 'DELETE', headers: { 'X-Likewire-User': user } });
}

/** Resolves with a page of comments for `query`. */
export async function commentsPage(gateway: Served, video: string, query: Record<string, string> = {}) {
	const response = await fetch(`${gateway.url + paths.comments(video)}?${new URLSearchParams(query)}`);
	expect(response.status).toBe(200);
	return (await response.json()) as CommentsAnswer;
}

/** Resolves with all comments of a video, newest first, read page by page. */
export async function allComments(gateway: Served, video: string, limit = 100): Promise<Comment[]> {
	const comments: Comment[] = [];
	let before: string | null | undefined;
	while (before !== null) {
		const page = await commentsPage(gateway, video, { limit: `${limit}`, ...(before !== undefined && { before }) });
		comments.push(...page.comments);
		before = page.next;
	}
	return comments;
}

/** Resolves with the texts of all comments of a video, newest first. */
export async function textsOf(gateway: Served, video: string): Promise<string[]> {
	return (await allComments(gateway, video)).map(({ text }) => text);
}
