import { isId, MAX_TOPICS_PER_CONNECTION } from '@likewire/protocol';
import { type ConnectionState, createConnection } from './connection.ts';
import { createEmitter, type Unbind } from './emitter.ts';
import { LikewireError } from './errors.ts';
import { createIdentity } from './identity.ts';
import { createLikeQueue } from './like-queue.ts';
import { type ClientOptions, parseOptions } from './options.ts';
import { onResume } from './page-lifecycle.ts';
import { createSseTransport } from './sse-transport.ts';
import { createTopic, type Topic } from './topic.ts';
import { createVideo, type Video } from './video.ts';

export interface ClientEvents {
	readonly state: ConnectionState;
	readonly error: LikewireError;
}

/** A connection to a gateway, and the videos followed over it. Made by {@link createClient}. */
export interface Client {
	/** See {@link ConnectionState}. */
	readonly state: ConnectionState;
	/**
	 * Listens; answers with a function that stops listening.
	 * - `state`: the connection's state changed: {@link ConnectionState}.
	 * - `error`: why the stream is down, a {@link LikewireError}. For logs: the client comes back by itself. Only when the
	 *   gateway refused a client that has no other token to show is the state `closed` then.
	 */
	on<Name extends keyof ClientEvents>(event: Name, listener: (data: ClientEvents[Name]) => void): Unbind;
	/**
	 * Follows a video. Asked twice for the same one, both handles share what arrives; it is followed until both closed.
	 *
	 * @param id 1 to 128 characters of `A-Z a-z 0-9 _ - . ~ :`
	 * @throws {LikewireError} `invalid_video_id`; `too_many_topics` beyond 100 videos; `closed`.
	 */
	video(id: string): Video;
	/** Closes the stream and all videos; likes without an answer reject with `closed`. May be called twice. */
	close(): void;
}

interface Shared {
	readonly topic: Topic;
	readonly handles: Set<Video>;
}

/**
 * Connects to a gateway and stays connected: one stream for all videos, opened in the same turn, so it already asks for
 * the videos that are followed by then.
 *
 * @throws {LikewireError} `invalid_option`, with what to mend.
 * @example
 * const live = createClient({ url: 'http://127.0.0.1:8080' });
 * const video = live.video('v1');
 * video.on('totals', ({ heart = 0 }) => { counter.textContent = heart; });
 * button.onclick = () => video.like();
 */
export function createClient(options: ClientOptions): Client {
	const { urls, token, user } = parseOptions(options);
	const identity = createIdentity({ token, user });
	const events = createEmitter<ClientEvents>();
	const queue = createLikeQueue({ urls, identity });
	const videos = new Map<string, Shared>();

	const connection = createConnection({
		urls,
		identity,
		openTransport: createSseTransport,
		onState(state) {
			if (state === 'live') queue.resume();
			else if (state === 'closed') queue.locate();
			events.emit('state', state);
		},
		onOpen(region, gateway) {
			queue.locate(region, gateway);
			for (const { topic } of videos.values()) topic.reopened();
		},
		onLikes: (event) => videos.get(event.video)?.topic.show(event),
		onError(error) {
			// Who may like and not watch never hears which region it is in.
			if (error.code === 'forbidden') queue.locate();
			events.emit('error', error);
		},
		onSettle(wanted) {
			// Not at the last handle's close: who asks again in the same turn gets no second snapshot, and needs the totals.
			for (const id of videos.keys()) if (!wanted.has(id)) videos.delete(id);
		},
	});

	const stopResuming = onResume(() => {
		connection.resume();
		queue.resume();
	});

	function share(id: string): Shared {
		const shared = videos.get(id) ?? { topic: createTopic(id, queue), handles: new Set() };
		videos.set(id, shared);
		return shared;
	}

	function followedCount(): number {
		let count = 0;
		for (const { handles } of videos.values()) if (handles.size > 0) count++;
		return count;
	}

	return {
		get state() {
			return connection.state;
		},
		on: events.on,
		video(id) {
			if (connection.state === 'closed') throw new LikewireError('closed', 'The client was closed.');
			if (typeof id !== 'string' || !isId(id)) {
				const rule = 'it has to be 1 to 128 characters of A-Z a-z 0-9 _ - . ~ :';
				throw new LikewireError('invalid_video_id', `${JSON.stringify(id)} is no id of a video: ${rule}`);
			}
			const isNew = (videos.get(id)?.handles.size ?? 0) === 0;
			if (isNew && followedCount() >= MAX_TOPICS_PER_CONNECTION) {
				const message = `One client follows at most ${MAX_TOPICS_PER_CONNECTION} videos; close one first.`;
				throw new LikewireError('too_many_topics', message);
			}
			const { topic, handles } = share(id);
			const video = createVideo(topic, () => {
				handles.delete(video);
				if (handles.size === 0) connection.unfollow(id);
			});
			handles.add(video);
			if (isNew) connection.follow(id);
			return video;
		},
		close() {
			stopResuming();
			for (const { handles } of [...videos.values()]) for (const video of handles) video.close();
			queue.close();
			connection.close();
		},
	};
}
