import { type ByeEvent, type HelloEvent, type Totals, WATCHDOG_FACTOR } from '@likewire/protocol';
import { backoffCeilingMs } from '../../../sdk/src/backoff.ts';
import { type ReceivedEvent, type StreamListener, ViewerStream } from './viewer-stream.ts';

/** The longest wait for `hello`, in milliseconds; as in the SDK. */
const HELLO_TIMEOUT_MS = 10_000;

/** The lifetime after which a stream resets the backoff, in milliseconds; as in the SDK. */
const STABLE_MS = 10_000;

export interface ViewerOptions {
	readonly name: string;
	readonly videos: readonly string[];
	/** The addresses of frontends, tried in turn. */
	readonly urls: readonly string[];
	/** The index of the first url. */
	readonly home: number;
	/** From 0 up to 1: decides the waits between attempts. */
	readonly random: () => number;
}

/**
 * A viewer that keeps a stream open as the SDK does: it connects to the next frontend after each failure, with the backoff
 * and the watchdog of the SDK, and resumes the comments of each video after the last received one. It records received
 * comments, the times of frames, and violations.
 */
export class Viewer {
	readonly name: string;
	readonly videos: readonly string[];
	/** The times of the frames of each video, by the monotonic clock. */
	readonly frames = new Map<string, number[]>();
	/** The received log events of each video, in order, over all streams. */
	readonly received = new Map<string, ReceivedEvent[]>();
	readonly violations: string[] = [];
	/** The number of ended streams. */
	falls = 0;
	readonly #options: ViewerOptions;
	#gateway: number;
	#failures = 0;
	#liveSince: number | undefined;
	#stream: ViewerStream | undefined;
	#paused = false;
	#timer: ReturnType<typeof setTimeout> | undefined;
	readonly #cursors = new Map<string, string>();
	#silence: { readonly afterMs: number; receivedAt: number } | undefined;

	constructor(options: ViewerOptions) {
		this.#options = options;
		this.name = options.name;
		this.videos = options.videos;
		this.#gateway = options.home;
		this.#open();
	}

	/** Whether it has a stream that received `hello`. */
	get live(): boolean {
		return this.#liveSince !== undefined;
	}

	/** Whether it stopped reading. */
	get paused(): boolean {
		return this.#paused;
	}

	/** Returns the shown totals of a video; undefined without a stream, or before the snapshot. */
	totals(video: string): Totals | undefined {
		return this.live ? this.#stream?.totals(video) : undefined;
	}

	/** Stops reading, and stays with its frontend. */
	pause(): void {
		this.#paused = true;
		this.#stream?.pause();
	}

	resume(): void {
		this.#paused = false;
		this.#stream?.resume();
		if (this.#silence !== undefined) this.#watchFor(this.#silence.afterMs);
	}

	/** Reconnects to its first frontend, unless it is connected there. */
	goHome(): void {
		const { home, urls } = this.#options;
		if (this.live && this.#gateway % urls.length === home) return;
		this.#gateway = home;
		this.#failures = 0;
		this.#leave();
		this.#open();
	}

	close(): void {
		this.#leave();
	}

	#open(): void {
		const { urls, videos } = this.#options;
		const url = urls[this.#gateway % urls.length] ?? '';
		this.#watchFor(HELLO_TIMEOUT_MS);
		const listener: StreamListener = {
			onHello: (hello) => this.#hello(hello),
			onBye: (bye) => this.#bye(bye),
			onLikes: ({ video }) => addTo(this.frames, video, performance.now()),
			onLogEvent: (event) => {
				addTo(this.received, event.video, event);
				if (event.kind !== 'gap') this.#cursors.set(event.video, event.cursor);
			},
			onBytes: () => {
				if (this.#silence !== undefined) this.#silence.receivedAt = performance.now();
			},
			onDown: () => this.#fail(),
			onViolation: (what) => this.violations.push(`${this.name}: ${what}`),
		};
		this.#stream = new ViewerStream(url, videos, listener, this.#cursors.values());
	}

	#hello({ heartbeatMs }: HelloEvent): void {
		this.#liveSince = performance.now();
		this.#watchFor(heartbeatMs * WATCHDOG_FACTOR);
	}

	#bye({ reason, retryMs }: ByeEvent): void {
		this.#leave();
		this.falls++;
		if (reason === 'shutdown') this.#gateway++;
		this.#wait(retryMs * (1 + this.#options.random() / 2));
	}

	#fail(): void {
		this.#leave();
		this.falls++;
		// The waits grow only after each frontend of the list failed once.
		const round = Math.floor(this.#failures++ / this.#options.urls.length);
		this.#gateway++;
		this.#wait(backoffCeilingMs(round) * this.#options.random());
	}

	#leave(): void {
		clearTimeout(this.#timer);
		this.#stream?.close();
		this.#stream = undefined;
		this.#silence = undefined;
		if (this.#liveSince !== undefined && performance.now() - this.#liveSince >= STABLE_MS) this.#failures = 0;
		this.#liveSince = undefined;
	}

	#wait(ms: number): void {
		this.#timer = setTimeout(() => this.#open(), ms);
	}

	#watchFor(afterMs: number): void {
		this.#silence = { afterMs, receivedAt: performance.now() };
		this.#watch();
	}

	#watch(): void {
		clearTimeout(this.#timer);
		if (this.#silence === undefined || this.#paused) return;
		const { afterMs, receivedAt } = this.#silence;
		const leftMs = receivedAt + afterMs - performance.now();
		if (leftMs <= 0) this.#fail();
		else this.#timer = setTimeout(() => this.#watch(), leftMs);
	}
}

function addTo<Item>(lists: Map<string, Item[]>, video: string, item: Item): void {
	const list = lists.get(video);
	if (list === undefined) lists.set(video, [item]);
	else list.push(item);
}
