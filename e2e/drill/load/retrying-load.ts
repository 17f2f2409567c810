import { setMaxListeners } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { backoffCeilingMs } from '../../../sdk/src/backoff.ts';

/** Somebody who waits so long for an answer, in milliseconds, gives the attempt up, and tries the next node. */
const DEADLINE_MS = 3_000;

const WRITERS = 24;
/** How often something new is sent, in milliseconds. */
const TICK_MS = 10;

/** The hottest video gets half of all. */
const HOT_SHARE = 0.5;

/** Something that was sent, and what became of it. */
export interface Sent {
	/** Made by the client; every attempt names it. */
	readonly id: string;
	readonly video: string;
	readonly user: string;
	/** That of the node it was sent to first, which every attempt names; undefined where there are no regions. */
	readonly region: string | undefined;
	/** By the monotonic clock, as all times here. */
	readonly sentAt: number;
	/** When it was first answered with success; undefined before. */
	acceptedAt?: number;
}

export interface LoadOptions {
	/** All nodes; each writer begins with one of them. */
	readonly urls: readonly string[];
	/** The region of each of them by its url; none when there are none. */
	readonly regions?: ReadonlyMap<string, string>;
	/** The first is the hottest. */
	readonly videos: readonly string[];
	readonly perSecond: number;
	readonly random: () => number;
}

/** What is sent, and sent again until it is answered. */
export interface Wish {
	/** For the one who reads of a refusal. */
	readonly what: string;
	readonly method: 'POST' | 'DELETE';
	readonly path: string;
	readonly body?: object;
	/** Statuses below 500 after which the next node is asked all the same; the others are refusals. */
	readonly retried?: readonly number[];
	/** Asked before each further attempt. When it says no, there is none. */
	isWanted?(): boolean;
}

interface Answer {
	/** 0 for none. */
	readonly status: number;
	readonly body: string;
	readonly retryAfterMs: number | undefined;
}

const NO_ANSWER: Answer = { status: 0, body: '', retryAfterMs: undefined };

const PATIENCE_STATUSES: readonly number[] = [0, 408, 429];

/** One who writes, to the next node after each failure. */
export interface Writer {
	readonly user: string;
	gateway: number;
	failures: number;
}

/** A constant load of one kind, each sent with the same id until it is answered; it knows which ones were. */
export abstract class RetryingLoad<Item extends Sent> {
	/** All that was ever sent, by id, in order. */
	readonly sent = new Map<string, Item>();
	/** The ids of what a store lost, since a backup was put back. */
	readonly forgotten = new Set<string>();
	/** Answers after which something is not sent again: there should be none. */
	readonly refusals: string[] = [];
	/** When the newest answer came. */
	lastAnswerAt = 0;
	/** When load was on, by the monotonic clock. */
	readonly periods: { from: number; to: number }[] = [];
	protected readonly options: LoadOptions;
	readonly #agent = new Agent({ keepAlive: true });
	readonly #writers: Writer[];
	readonly #closing = new AbortController();
	#timer: ReturnType<typeof setInterval> | undefined;
	#waiting = 0;

	/** @param who what its writers are called, before a number. */
	constructor(who: string, options: LoadOptions) {
		this.options = options;
		// Everything that waits for its next attempt listens.
		setMaxListeners(0, this.#closing.signal);
		this.#writers = Array.from({ length: WRITERS }, (_, index) => ({
			user: `${who}-${index + 1}`,
			gateway: index,
			failures: 0,
		}));
	}

	/** Sends one, and settles when all that comes of it is answered, refused, or not wanted any more. */
	protected abstract send(video: string, writer: Writer): Promise<void>;

	/** What was sent and is not answered so far. */
	get waiting(): number {
		return this.#waiting;
	}

	/** Begins, or goes on. */
	start(): void {
		if (this.#timer !== undefined) return;
		const period = { from: performance.now(), to: Number.POSITIVE_INFINITY };
		this.periods.push(period);
		let sent = 0;
		this.#timer = setInterval(() => {
			const due = Math.floor(((performance.now() - period.from) / 1000) * this.options.perSecond);
			for (; sent < due; sent++) void this.give(this.#pickVideo());
		}, TICK_MS);
	}

	/** Sends nothing further; what has no answer is insisted on. */
	stop(): void {
		if (this.#timer === undefined) return;
		clearInterval(this.#timer);
		this.#timer = undefined;
		const period = this.periods.at(-1);
		if (period !== undefined) period.to = performance.now();
	}

	/** Gives one, and settles when it is answered. */
	give(video: string): Promise<void> {
		return this.waitFor((writer) => this.send(video, writer));
	}

	/** Every writer sends to the node that it began with. */
	goHome(): void {
		for (const [index, writer] of this.#writers.entries()) Object.assign(writer, { gateway: index, failures: 0 });
	}

	/** Forgets what was first sent before a time and is not stored, and answers how many of those were accepted. */
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

	/** Ends for good, answers or not. */
	close(): void {
		this.stop();
		this.#closing.abort();
		this.#agent.destroy();
	}

	/** Has somebody send something, which counts as waiting until it is answered. */
	protected async waitFor(sending: (writer: Writer) => Promise<void>): Promise<void> {
		this.#waiting++;
		await sending(this.pick(this.#writers));
		this.#waiting--;
	}

	/** The region of the node that a writer turns to now. */
	protected regionOf(writer: Writer): string | undefined {
		return this.options.regions?.get(this.#urlOf(writer));
	}

	protected pick<One>(items: readonly One[]): One {
		return items[Math.floor(this.options.random() * items.length)] as One;
	}

	protected async pause(ms: number): Promise<void> {
		await after(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined);
	}

	/** Sends until there is success. Answers with when that was; undefined when it was refused, or is not wanted any more. */
	protected async insist(writer: Writer, wish: Wish): Promise<number | undefined> {
		const { signal } = this.#closing;
		while (!signal.aborted) {
			const { gateway } = writer;
			const { status, body, retryAfterMs } = await this.#ask(writer, wish).catch(() => NO_ANSWER);
			if (status === 200 || status === 201) {
				writer.failures = 0;
				this.lastAnswerAt = performance.now();
				return this.lastAnswerAt;
			}
			if (status < 500 && !PATIENCE_STATUSES.includes(status) && !wish.retried?.includes(status)) {
				this.refusals.push(`${wish.what} was refused with ${status}: ${body}`);
				return undefined;
			}
			// What fails together for one writer is one failure.
			if (writer.gateway === gateway) {
				writer.gateway++;
				writer.failures++;
			}
			const round = Math.floor(writer.failures / this.options.urls.length);
			await this.pause(retryAfterMs ?? this.options.random() * backoffCeilingMs(round));
			if (wish.isWanted?.() === false) return undefined;
		}
		return undefined;
	}

	#urlOf({ gateway }: Writer): string {
		return this.options.urls[gateway % this.options.urls.length] ?? '';
	}

	#ask(writer: Writer, { method, path, body }: Wish): Promise<Answer> {
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
