import type { LikesEvent } from '@likewire/protocol';
import { expect } from 'vitest';
import { type Client, type ClientOptions, createClient } from '../src/index.ts';
import { cleanUpAfterEach, eventually, type StreamServerOptions } from './stream-server.ts';

/**
 * Starts servers, and clients of the user `me`, that end with their test.
 * Call it at the top of a test file.
 */
export function closeClientsAfterEach() {
	const { closing, serve } = cleanUpAfterEach();
	function connect(url: ClientOptions['url'], options?: Partial<ClientOptions>): Client {
		const live = createClient({ url, user: 'me', ...options });
		closing.push(live.close);
		return live;
	}
	return { closing, serve, connect };
}

/** Waits until the stream of a client is open. */
export const isLive = (live: Client): Promise<void> => eventually(() => expect(live.state).toBe('live'));

/** Returns an event with the likes of the video `v1` at this number of hearts. */
export function likesEvent(hearts: number, change: Partial<LikesEvent> = {}): LikesEvent {
	const base = { video: 'v1', totals: { heart: hearts }, delta: {}, recent: [], shown: 0, of: 0, revision: hearts };
	return { ...base, at: 1, ...change };
}

/** Starts a server with one client of the user `me` in each test. Call it at the top of a test file. */
export function serveClient() {
	const { serve, connect } = closeClientsAfterEach();
	return async (options: StreamServerOptions = {}) => {
		const server = await serve(options);
		const live = connect(server.url);
		return {
			server,
			live,
			/** Returns the newest stream. */
			stream() {
				const newest = server.streams.at(-1);
				if (newest === undefined) throw new Error('no stream');
				return newest;
			},
			/** Waits until the client is live on its stream of this number. */
			isLive: (streams = 1) => eventually(() => expect([server.streams.length, live.state]).toEqual([streams, 'live'])),
		};
	};
}
