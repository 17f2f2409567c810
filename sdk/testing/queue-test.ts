import { type LikeAnswer, uuid } from '@likewire/protocol';
import { vi } from 'vitest';
import { createIdentity } from '../src/identity.ts';
import type { Write } from '../src/writes/write.ts';
import { type ClosableQueue, createClosableQueue } from './closable-queue.ts';
import { cleanUpAfterEach, type StreamServer, type StreamServerOptions } from './stream-server.ts';

/**
 * Starts servers that answer requests, and queues of the user `me`, that end with their test.
 * Call it at the top of a test file.
 */
export function closeQueuesAfterEach() {
	const { closing, serve } = cleanUpAfterEach();

	/** Creates a queue that does not know its region yet. */
	function unlocated(urls: readonly [string, ...string[]], token?: string | (() => Promise<string>)): ClosableQueue {
		const queue = createClosableQueue(urls, createIdentity({ token, user: 'me' }));
		closing.push(queue.close);
		return queue;
	}

	return {
		closing,
		serve: (onPost: NonNullable<StreamServerOptions['onPost']>, port = 0): Promise<StreamServer> =>
			serve({ onPost, port }),
		unlocated,
		/** Creates a queue of the region `eu`. */
		located(urls: readonly [string, ...string[]], token?: string | (() => Promise<string>)): ClosableQueue {
			const queue = unlocated(urls, token);
			queue.locate('eu');
			return queue;
		},
	};
}

/** Returns a like as a video pushes it to the queue. */
export function likeWrite(change: Partial<Omit<Write<LikeAnswer>, 'onPost'>> = {}) {
	const id = uuid();
	return {
		id,
		path: '/v1/videos/v1/likes',
		body: { id, type: 'heart' },
		staysInRegion: true,
		onPost: vi.fn(),
		isAnswer: (answer: Partial<LikeAnswer>) => answer.id !== undefined,
		...change,
	};
}

/** Returns a like that may share its request with others. */
export function tapWrite(video = 'v1', type = 'heart') {
	const { id, onPost: _, ...write } = likeWrite();
	return { ...write, tap: id, path: `/v1/videos/${video}/likes`, body: { id, type } };
}

/** Returns the ids that a server received, in order. */
export const idsOf = ({ posts }: StreamServer): string[] => posts.map(({ body }) => body.id);

/** Returns the body of a refusal. */
export const problem = (code: string) => {
	return { type: 'about:blank', title: 't', status: 0, code, detail: `It is ${code}.` };
};
