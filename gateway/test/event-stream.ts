import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type HelloEvent, type LikesEvent, paths, type StreamEventName, type StreamEvents } from '@likewire/protocol';
import { onTestFinished, vi } from 'vitest';
import { EventParser, type ReceivedEvent } from './event-parser.ts';
import { Tally } from './tally.ts';

export interface EventStreamOptions {
	readonly user?: string;
	/** Sent in the query, as a browser's EventSource does. */
	readonly token?: string;
	readonly headers?: Record<string, string>;
}

/**
 * A viewer with a separate connection, which checks all that it receives.
 *
 * Bytes that are no event, and a snapshot with deltas that differ from the totals, make the next wait of the test fail.
 */
export class EventStream {
	/** Whether viewers accept gzip, where a test does not say. */
	static acceptsGzip = false;
	readonly events: ReceivedEvent[] = [];
	readonly tally = new Tally();
	receivedBytes = 0;
	/** Whether the gateway ended the stream or cut it. */
	closed = false;
	readonly #response: IncomingMessage;
	readonly #body: Readable;
	readonly #parser = new EventParser();
	#failure: unknown;

	private constructor(response: IncomingMessage) {
		this.#response = response;
		this.#body = this.#bodyOf(response);
		this.#body.setEncoding('utf8');
		this.#body.on('data', (text: string) => this.#read(text));
		response.on('error', (error) => this.fail(error));
		// A body that ended may still be on its way through the decoder, and one that was cut never ends there.
		response.on('close', () => {
			if (!response.complete) this.closed = true;
		});
		this.#body.on('close', () => {
			this.closed = true;
		});
	}

	/** Returns the decoded body. Its decoder is strict: a stream that ends has the right checksum and length. */
	#bodyOf(response: IncomingMessage): Readable {
		if (response.headers['content-encoding'] !== 'gzip') return response;
		const decoder = createGunzip();
		decoder.on('error', (error) => {
			this.#failure ??= error;
		});
		return response.pipe(decoder);
	}

	/** Opens a stream until the end of the test. Rejects if the answer is no stream. */
	static open(
		gateway: { readonly url: string },
		videos: readonly string[] | string,
		{ user, token, headers = {} }: EventStreamOptions = {},
	): Promise<EventStream> {
		const query = new URLSearchParams([videos].flat().map((video) => ['video', video]));
		if (user !== undefined) query.set('user', user);
		if (token !== undefined) query.set('token', token);
		return EventStream.openQuery(gateway, `${query}`, headers);
	}

	/** Opens a stream with this query, as {@link EventStream.open}. */
	static openQuery(
		gateway: { readonly url: string },
		query: string,
		headers: Record<string, string> = {},
	): Promise<EventStream> {
		return new Promise((resolve, reject) => {
			let stream: EventStream | undefined;
			const accepted = EventStream.acceptsGzip ? { 'Accept-Encoding': 'gzip' } : {};
			const sent = request(`${gateway.url}${paths.stream}?${query}`, {
				agent: false,
				headers: { ...accepted, ...headers },
			});
			onTestFinished(() => {
				sent.destroy();
			});
			sent.on('error', (error: NodeJS.ErrnoException) => {
				reject(error);
				stream?.fail(error);
			});
			sent.on('response', (response) => {
				if (response.statusCode === 200) {
					stream = new EventStream(response);
					resolve(stream);
				} else reject(new Error(`the stream was refused with ${response.statusCode}`));
			});
			sent.end();
		});
	}

	/** Notes an error of the HTTP parser. Other errors are fine, because a stream may be cut at any time. */
	fail(error: NodeJS.ErrnoException): void {
		if (error.code?.startsWith('HPE_')) this.#failure = error;
	}

	get headers(): IncomingHttpHeaders {
		return this.#response.headers;
	}

	get comments(): number {
		return this.#parser.comments;
	}

	get retryMs(): number | undefined {
		return this.#parser.retryMs;
	}

	/** Returns the received likes events, of one video or of all. */
	likes(video?: string): LikesEvent[] {
		return this.events.flatMap((event) =>
			event.name === 'likes' && (video === undefined || event.data.video === video) ? [event.data] : [],
		);
	}

	/** Waits until `condition` holds. Rejects at once if a received event is wrong. */
	async until(condition: () => boolean, timeout = 60_000): Promise<void> {
		await vi.waitUntil(
			() => {
				if (this.#failure !== undefined) throw this.#failure;
				return condition();
			},
			{ timeout, interval: 5 },
		);
	}

	/** Resolves with the first event of a name that `matches`. */
	async event<Name extends StreamEventName>(
		name: Name,
		matches: (data: StreamEvents[Name]) => boolean = () => true,
		timeout?: number,
	): Promise<StreamEvents[Name]> {
		const find = () => this.events.find((event) => event.name === name && matches(event.data as StreamEvents[Name]));
		await this.until(() => find() !== undefined, timeout);
		return find()?.data as StreamEvents[Name];
	}

	hello(): Promise<HelloEvent> {
		return this.event('hello');
	}

	/** Waits until the viewer has this number of a reaction. */
	async holds(video: string, count: number, type = 'heart', timeout?: number): Promise<void> {
		await this.until(() => {
			const totals = this.tally.of(video);
			return totals !== undefined && (totals[type] ?? 0) === count;
		}, timeout);
	}

	/** Stops reading: bytes then wait in the kernel, and later in the gateway. */
	pause(): void {
		this.#body.pause();
		this.#response.pause();
		this.#response.socket.pause();
	}

	resume(): void {
		this.#response.socket.resume();
		this.#response.resume();
		this.#body.resume();
	}

	close(): void {
		this.#response.destroy();
	}

	#read(text: string): void {
		this.receivedBytes += Buffer.byteLength(text);
		try {
			for (const event of this.#parser.feed(text)) {
				this.events.push(event);
				if (event.name === 'likes') this.tally.apply(event.data);
			}
		} catch (error) {
			this.#failure ??= error;
		}
	}
}
