import { type ByeEvent, type HelloEvent, type Totals, WATCHDOG_FACTOR } from '@likewire/protocol';
import { backoffCeilingMs } from '../../../sdk/src/backoff.ts';
import { type StreamListener, type Told, ViewerStream } from './viewer-stream.ts';

/** How long a stream may take to say hello, in milliseconds; as in the SDK. */
const HELLO_TIMEOUT_MS = 10_000;

/** A stream that lived this long was a success, in milliseconds: the backoff starts anew after it; as in the SDK. */
const STABLE_MS = 10_000;

export interface ViewerOptions {
	readonly name: string;
	readonly videos: readonly string[];
	/** Where it may connect; tried in turn. */
	readonly urls: readonly string[];
	/** The index of the url that it begins with. */
	readonly home: number;
	/** From 0 up to 1: draws the waits between attempts. */
	readonly random: () => number;
}

/**
 * One viewer: keeps a stream open as the SDK does, to the next frontend after each failure, with the SDK's backoff and
 * watchdog, and resumes the comments of each video behind the last one that it was told. It notes what it was told of
 * comments, when it got frames, and whatever it should never have been told.
 */
export class Viewer {
	readonly name: string;
	readonly videos: readonly string[];
	/** When a frame of each video arrived, by the monotonic clock. */
	readonly frames = new Map<string, number[]>();
	/** What it was told of the comments of each video, in order, on whatever stream. */
	readonly told = new Map<string, Told[]>();
	readonly violations: string[] = [];
	/** How many streams ended so far. */
	falls = 0;
	readonly #options: ViewerOptions;
	#gateway: number;
	#failures = 0;
	#liveSince: number | undefined;
	#stream: ViewerStream | undefined;
	#paused = false;
	#timer: ReturnType<typeof setTimeout> | undefined;
	readonly #cursors = new Map<string, string>();
	#silence: { readonly afterMs: number; heardAt: number } | undefined;

	constructor(options: ViewerOptions) {
		this.#options = options;
		this.name = options.name;
		this.videos = options.videos;
		this.#gateway = options.home;
		this.#open();
	}

	/** It has a stream that said hello. */
	get live(): boolean {
		return this.#liveSince !== undefined;
	}

	/** It stopped reading. */
	get paused(): boolean {
		return this.#paused;
	}

	/** What it shows of a video; undefined while it has no stream, or no snapshot on it. */
	totals(video: string): Totals | undefined {
		return this.live ? this.#stream?.totals(video) : undefined;
	}

	/** Stops reading, and does not look for another frontend meanwhile. */
	pause(): void {
		this.#paused = true;
		this.#stream?.pause();
	}

	resume(): void {
		this.#paused = false;
		this.#stream?.resume();
		if (this.#silence !== undefined) this.#watchFor(this.#silence.afterMs);
	}

	/** Leaves its stream for one at the frontend that it began with, unless it has that. */
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
			onTold: (told) => {
				addTo(this.told, told.video, told);
				if (told.kind !== 'gap') this.#cursors.set(told.video, told.cursor);
			},
			onBytes: () => {
				if (this.#silence !== undefined) this.#silence.heardAt = performance.now();
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
		// The whole list is tried before the waits grow.
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
		this.#silence = { afterMs, heardAt: performance.now() };
		this.#watch();
	}

	#watch(): void {
		clearTimeout(this.#timer);
		if (this.#silence === undefined || this.#paused) return;
		const { afterMs, heardAt } = this.#silence;
		const leftMs = heardAt + afterMs - performance.now();
		if (leftMs <= 0) this.#fail();
		else this.#timer = setTimeout(() => this.#watch(), leftMs);
	}
}

function addTo<Item>(lists: Map<string, Item[]>, video: string, item: Item): void {
	const list = lists.get(video);
	if (list === undefined) lists.set(video, [item]);
	else list.push(item);
}
