import { type IncomingMessage, request } from 'node:http';
import {
	type ByeEvent,
	type GapReason,
	type HelloEvent,
	type LikesEvent,
	paths,
	type Totals,
} from '@likewire/protocol';
import { EventParser } from '../../../gateway/test/event-parser.ts';
import { Tally } from '../../../gateway/test/tally.ts';

/** A received event of the log of a video. */
export type ReceivedEvent =
	| {
			readonly kind: 'comment' | 'comment-deleted';
			readonly video: string;
			/** The id of the comment. */
			readonly comment: string;
			/** The cursor that resumes after this event. */
			readonly cursor: string;
	  }
	| { readonly kind: 'gap'; readonly video: string; readonly reason: GapReason };

/** The prefix of a video in the topic of a gap. */
const TOPIC_PREFIX = 'video:';

export interface StreamListener {
	onHello(hello: HelloEvent): void;
	onBye(bye: ByeEvent): void;
	onLikes(event: LikesEvent): void;
	onLogEvent(event: ReceivedEvent): void;
	/** Called for each received chunk. */
	onBytes(): void;
	/** The stream ended, broke, or did not open. */
	onDown(): void;
	/** The gateway sent something that the protocol forbids. */
	onViolation(what: string): void;
}

/**
 * One stream of a viewer. Checks each byte: complete events, snapshot + deltas = totals, no falling total, and a cursor with
 * each event of a log.
 */
export class ViewerStream {
	readonly #listener: StreamListener;
	readonly #parser = new EventParser();
	readonly #tally = new Tally();
	readonly #sent: ReturnType<typeof request>;
	#response: IncomingMessage | undefined;
	#paused = false;
	#over = false;

	/**
	 * @param cursors the cursors of the videos to resume.
	 * @param proof headers that authenticate the viewer.
	 */
	constructor(
		url: string,
		videos: readonly string[],
		listener: StreamListener,
		cursors: Iterable<string> = [],
		proof: Readonly<Record<string, string>> = {},
	) {
		this.#listener = listener;
		const query = new URLSearchParams([
			...videos.map((video) => ['video', video]),
			...[...cursors].map((cursor) => ['cursor', cursor]),
		]);
		const headers = { Accept: 'text/event-stream', ...proof };
		this.#sent = request(`${url}${paths.stream}?${query}`, { agent: false, headers });
		this.#sent.on('error', (error) => this.#down(error));
		this.#sent.on('response', (response) => this.#open(response));
		this.#sent.end();
	}

	/** Returns the totals of a video; undefined before the snapshot. */
	totals(video: string): Totals | undefined {
		return this.#tally.of(video);
	}

	/** Stops reading: bytes wait in the kernel, and then at the gateway. */
	pause(): void {
		this.#paused = true;
		this.#response?.pause();
		this.#response?.socket.pause();
	}

	resume(): void {
		this.#paused = false;
		this.#response?.socket.resume();
		this.#response?.resume();
	}

	/** Closes the connection. The listener is not called again. */
	close(): void {
		this.#over = true;
		this.#sent.destroy();
	}

	#open(response: IncomingMessage): void {
		this.#response = response;
		response.on('error', (error) => this.#down(error));
		response.on('close', () => this.#down());
		if (response.statusCode !== 200) {
			response.destroy();
			return;
		}
		response.setEncoding('utf8');
		response.on('data', (text: string) => this.#read(text));
		if (this.#paused) this.pause();
	}

	#down(error?: NodeJS.ErrnoException): void {
		if (this.#over) return;
		// A stream may break at any time, but the received bytes must be valid HTTP.
		if (error?.code?.startsWith('HPE_')) this.#listener.onViolation(`not HTTP: ${error.message}`);
		this.close();
		this.#listener.onDown();
	}

	#read(text: string): void {
		if (this.#over) return;
		this.#listener.onBytes();
		try {
			for (const event of this.#parser.feed(text)) {
				if (event.name === 'likes') this.#count(event.data);
				else if (event.name === 'hello') this.#listener.onHello(event.data);
				else if (event.name === 'bye') this.#listener.onBye(event.data);
				else if (event.name === 'comment' || event.name === 'comment-deleted') {
					const { video, id: comment } = event.data;
					if (event.id === undefined) throw new Error(`a ${event.name} of ${video} without a cursor`);
					this.#listener.onLogEvent({ kind: event.name, video, comment, cursor: event.id });
				} else if (event.name === 'gap') {
					const { topic, reason } = event.data;
					if (!topic.startsWith(TOPIC_PREFIX)) throw new Error(`a gap of ${topic}, which this viewer does not follow`);
					this.#listener.onLogEvent({ kind: 'gap', video: topic.slice(TOPIC_PREFIX.length), reason });
				}
			}
		} catch (error) {
			this.#listener.onViolation(error instanceof Error ? error.message : String(error));
		}
	}

	#count(event: LikesEvent): void {
		const before = this.#tally.of(event.video);
		this.#tally.apply(event);
		for (const [type, count] of Object.entries(before ?? {})) {
			const now = event.totals[type] ?? 0;
			if (now < count) this.#listener.onViolation(`${type} of ${event.video} fell from ${count} to ${now}`);
		}
		this.#listener.onLikes(event);
	}
}
