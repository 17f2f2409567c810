import { setMaxListeners } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { backoffCeilingMs } from '../../../sdk/src/backoff.ts';

/** The deadline of an attempt, in milliseconds; after it a client tries the next node. */
const DEADLINE_MS = 3_000;

const WRITERS = 24;
/** The interval at which new writes are sent, in milliseconds. */
const TICK_MS = 10;

/** The fraction of writes for the hottest video. */
const HOT_SHARE = 0.5;

/** A write, and its answer. */
export interface Sent {
	/** The id that the client generated; each attempt has it. */
	readonly id: string;
	readonly video: string;
	readonly user: string;
	/** The region of the first attempt, which each attempt names; undefined without regions. */
	readonly region: string | undefined;
	/** By the monotonic clock, like all times of this file. */
	readonly sentAt: number;
	/** The time of the first successful answer; undefined before that. */
	acceptedAt?: number;
}

export interface LoadOptions {
	/** All nodes; each writer starts with one of them. */
	readonly urls: readonly string[];
	/** The region of each node by its url. */
	readonly regions?: ReadonlyMap<string, string>;
	/** The first gets half of all writes. */
	readonly videos: readonly string[];
	readonly perSecond: number;
	readonly random: () => number;
}

/** A request that is sent until it is answered. */
export interface WriteRequest {
	/** A description for refusals. */
	readonly what: string;
	readonly method: 'POST' | 'DELETE';
	readonly path: string;
	readonly body?: object;
	/** Statuses below 500 that are retried at the next node; all others are refusals. */
	readonly retried?: readonly number[];
	/** Checked before each retry; `false` ends the attempts. */
	isNeeded?(): boolean;
}

interface Answer {
	/** 0 without an answer. */
	readonly status: number;
	readonly body: string;
	readonly retryAfterMs: number | undefined;
}

const NO_ANSWER: Answer = { status: 0, body: '', retryAfterMs: undefined };

const RETRIED_STATUSES: readonly number[] = [0, 408, 429];

/** A client that writes, and goes to the next node after each failure. */
export interface Writer {
	readonly user: string;
	gateway: number;
	failures: number;
}

/** A constant load of writes of one kind, each sent with one id until it is answered. */
export abstract class RetryingLoad<Item extends Sent> {
	/** All writes by id, in the order of their first attempts. */
	readonly sent = new Map<string, Item>();
	/** The ids of writes that a store lost in a restore. */
	readonly forgotten = new Set<string>();
	/** Descriptions of refused writes, which are not retried. */
	readonly refusals: string[] = [];
	/** The time of the newest successful answer. */
	lastAnswerAt = 0;
	/** The times of load, by the monotonic clock. */
	readonly periods: { from: number; to: number }[] = [];
	protected readonly options: LoadOptions;
	readonly #agent = new Agent({ keepAlive: true });
	readonly #writers: Writer[];
	readonly #closing = new AbortController();
	#timer: ReturnType<typeof setInterval> | undefined;
	#waiting = 0;

	/** @param name the name of its writers, before a number. */
	constructor(name: string, options: LoadOptions) {
		this.options = options;
		// Each write that waits for its next attempt adds a listener.
		setMaxListeners(0, this.#closing.signal);
		this.#writers = Array.from({ length: WRITERS }, (_, index) => ({
			user: `${name}-${index + 1}`,
			gateway: index,
			failures: 0,
		}));
	}

	/** Sends one item, and resolves when all its requests are answered, refused, or no longer needed. */
	protected abstract send(video: string, writer: Writer): Promise<void>;

	/** The number of unanswered writes. */
	get waiting(): number {
		return this.#waiting;
	}

	/** Starts, or continues. */
	start(): void {
		if (this.#timer !== undefined) return;
		const period = { from: performance.now(), to: Number.POSITIVE_INFINITY };
		this.periods.push(period);
		let sent = 0;
		this.#timer = setInterval(() => {
			const due = Math.floor(((performance.now() - period.from) / 1000) * this.options.perSecond);
			for (; sent < due; sent++) void this.sendOne(this.#pickVideo());
		}, TICK_MS);
	}

	/** Sends nothing new; retries unanswered writes. */
	stop(): void {
		if (this.#timer === undefined) return;
		clearInterval(this.#timer);
		this.#timer = undefined;
		const period = this.periods.at(-1);
		if (period !== undefined) period.to = performance.now();
	}

	/** Sends one item as a random writer, and resolves when it is answered. */
	sendOne(video: string): Promise<void> {
		return this.waitFor((writer) => this.send(video, writer));
	}

	/** Moves every writer back to its first node. */
	goHome(): void {
		for (const [index, writer] of this.#writers.entries()) Object.assign(writer, { gateway: index, failures: 0 });
	}

	/** Forgets items that were sent before a time and are not stored. Returns how many of them were accepted. */
	forgetLost(isStored: (item: Item) => boolean, before: number): number {
		let lost = 0;
		for (const item of this.sent.values()) {
			if (item.sentAt >= before || isStored(item)) continue;
			if (item.acceptedAt !== undefined) lost++;
			this.sent.delete(item.id);
			this.forgotten.add(item.id);
		}
		return lost;
	}

	/** Ends all attempts. */
	close(): void {
		this.stop();
		this.#closing.abort();
		this.#agent.destroy();
	}

	/** Lets a random writer send, and counts it as waiting until it is answered. */
	protected async waitFor(sending: (writer: Writer) => Promise<void>): Promise<void> {
		this.#waiting++;
		await sending(this.pick(this.#writers));
		this.#waiting--;
	}

	/** Returns the region of the current node of a writer. */
	protected regionOf(writer: Writer): string | undefined {
		return this.options.regions?.get(this.#urlOf(writer));
	}

	protected pick<One>(items: readonly One[]): One {
		return items[Math.floor(this.options.random() * items.length)] as One;
	}

	protected async pause(ms: number): Promise<void> {
		await after(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined);
	}

	/** Sends a request until it succeeds. Resolves with the time; undefined when it was refused, or is no longer needed. */
	protected async sendUntilAnswered(writer: Writer, request: WriteRequest): Promise<number | undefined> {
		const { signal } = this.#closing;
		while (!signal.aborted) {
			const { gateway } = writer;
			const { status, body, retryAfterMs } = await this.#attempt(writer, request).catch(() => NO_ANSWER);
			if (status === 200 || status === 201) {
				writer.failures = 0;
				this.lastAnswerAt = performance.now();
				return this.lastAnswerAt;
			}
			if (status < 500 && !RETRIED_STATUSES.includes(status) && !request.retried?.includes(status)) {
				this.refusals.push(`${request.what} was refused with ${status}: ${body}`);
				return undefined;
			}
			// Requests of one writer that fail together count as one failure.
			if (writer.gateway === gateway) {
				writer.gateway++;
				writer.failures++;
			}
			const round = Math.floor(writer.failures / this.options.urls.length);
			await this.pause(retryAfterMs ?? this.options.random() * backoffCeilingMs(round));
			if (request.isNeeded?.() === false) return undefined;
		}
		return undefined;
	}

	#urlOf({ gateway }: Writer): string {
		return this.options.urls[gateway % this.options.urls.length] ?? '';
	}

	#attempt(writer: Writer, { method, path, body }: WriteRequest): Promise<Answer> {
		return new Promise((resolve, reject) => {
			const headers = {
				'X-Likewire-User': writer.user,
				...(body !== undefined && { 'Content-Type': 'application/json' }),
			};
			const sent = request(this.#urlOf(writer) + path, { method, agent: this.#agent, headers });
			const timer = setTimeout(() => sent.destroy(new Error('no answer in time')), DEADLINE_MS);
			sent.on('error', reject);
			sent.on('close', () => {
				clearTimeout(timer);
				reject(new Error('the connection broke'));
			});
			sent.on('response', (response) => {
				let answered = '';
				response.setEncoding('utf8');
				response.on('data', (text: string) => {
					answered += text;
				});
				response.on('error', reject);
				response.on('end', () => {
					const seconds = Number(response.headers['retry-after'] ?? Number.NaN);
					const retryAfterMs = Number.isNaN(seconds) ? undefined : seconds * 1000;
					resolve({ status: response.statusCode ?? 0, body: answered, retryAfterMs });
				});
			});
			sent.end(body === undefined ? undefined : JSON.stringify(body));
		});
	}

	#pickVideo(): string {
		const [hot = '', ...others] = this.options.videos;
		return others.length === 0 || this.options.random() < HOT_SHARE ? hot : this.pick(others);
	}
}
