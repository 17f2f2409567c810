import { randomUUID } from 'node:crypto';
import { type Followed, type LikeAnswer, type Problem, paths, type Totals, type VideoAnswer } from '@likewire/protocol';
import { expect } from 'vitest';

let videos = 0;

/** Returns the id of a video that no other test uses. */
export function newVideo(): string {
	return `video-${++videos}-${randomUUID().slice(0, 8)}`;
}

/** Returns the topics of a connection that follows these videos and `more`. */
export function following(videos: readonly string[], more: Partial<Followed> = {}): Followed {
	return { videos, conversations: [], presence: [], topics: [], ...more };
}

/** Sends a request with a JSON body. */
export function postJson(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
	const content = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
	return fetch(url, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', ...headers },
		body: content as BodyInit,
	});
}

export interface LikeOptions {
	readonly id?: string;
	readonly type?: string;
	readonly user?: string;
}

export function postLike(gateway: { readonly url: string }, video: string, options: LikeOptions = {}) {
	const { user = 'ann', ...body } = options;
	return postJson(gateway.url + paths.likes(video), body, { 'X-Likewire-User': user });
}

/** Posts a like, and expects that it counts. */
export async function like(gateway: { readonly url: string }, video: string, options?: LikeOptions) {
	const response = await postLike(gateway, video, options);
	expect(response.status).toBe(201);
	return (await response.json()) as LikeAnswer;
}

export function deleteLike(gateway: { readonly url: string }, video: string, id: string, user = 'ann') {
	return fetch(gateway.url + paths.like(video, id), { method: 'DELETE', headers: { 'X-Likewire-User': user } });
}

export async function readVideo(gateway: { readonly url: string }, video: string): Promise<VideoAnswer> {
	const response = await fetch(gateway.url + paths.video(video));
	expect(response.status).toBe(200);
	return (await response.json()) as VideoAnswer;
}

export async function totalsOf(gateway: { readonly url: string }, video: string): Promise<Totals> {
	return (await readVideo(gateway, video)).totals;
}

/** Expects that the answer is a problem of this code, as RFC 9457 defines it. */
export async function expectProblem(response: Response, status: number, code: Problem['code']): Promise<Problem> {
	const problem = (await response.json()) as Problem;
	expect([response.status, problem.code]).toEqual([status, code]);
	expect(response.headers.get('content-type')).toBe('application/problem+json');
	expect(problem).toEqual({
		type: 'about:blank',
		title: expect.stringMatching(/\w/),
		status,
		code,
		detail: expect.stringMatching(/\w/),
	});
	return problem;
}
