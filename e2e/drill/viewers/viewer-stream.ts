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

/** What a stream told of the comments of a video. */
export type Told =
	| {
			readonly kind: 'comment' | 'comment-deleted';
			readonly video: string;
			/** Its id. */
			readonly comment: string;
			/** Where to resume after it. */
			readonly cursor: string;
	  }
	| { readonly kind: 'gap'; readonly video: string; readonly reason: GapReason };

/** How a gap names a video. */
const TOPIC_PREFIX = 'video:';

export interface StreamListener {
	onHello(hello: HelloEvent): void;
	onBye(bye: ByeEvent): void;
	onLikes(event: LikesEvent): void;
	onTold(told: Told): void;
	/** Anything at all arrived. */
	onBytes(): void;
	/** The stream ended, was cut, or did not come to be. */
	onDown(): void;
	/** What arrived is not what a gateway may send. */
	onViolation(what: string): void;
}

/**
 * One stream of a viewer, checked byte by byte: whole events, snapshot + deltas = totals, no total that falls, and a cursor
 * with each event of a log.
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
	 * @param cursors of the videos that are resumed.
	 * @param proof headers that say who the viewer is.
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

	/** What the viewer holds of a video; undefined before the snapshot. */
	totals(video: string): Totals | undefined {
		return this.#tally.of(video);
	}

	/** Stops reading; what arrives waits in the kernel, and then at the gateway. */
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

	/** Goes away without a word; the listener hears nothing more. */
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
		// A stream may be cut at any time; what arrived of it has to be HTTP all the same.
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
					this.#listener.onTold({ kind: event.name, video, comment, cursor: event.id });
				} else if (event.name === 'gap') {
					const { topic, reason } = event.data;
					if (!topic.startsWith(TOPIC_PREFIX)) throw new Error(`a gap of ${topic}, which nobody follows`);
					this.#listener.onTold({ kind: 'gap', video: topic.slice(TOPIC_PREFIX.length), reason });
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
