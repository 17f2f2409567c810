import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { paths } from '@likewire/protocol';
import { backoffCeilingMs } from '../../sdk/src/backoff.ts';
import type { StoredVideos } from './store-audit.ts';

/** Somebody who waits so long for an answer, in milliseconds, gives the attempt up, and tries the next node. */
const DEADLINE_MS = 3_000;

const LIKERS = 24;
const TYPES = ['heart', 'like', 'clap'];
/** How often new likes are sent, in milliseconds. */
const TICK_MS = 10;

/** The hottest video gets half of all likes. */
const HOT_SHARE = 0.5;

/** A like, and what became of it. */
export interface SentLike {
	readonly id: string;
	readonly video: string;
	readonly type: string;
	readonly user: string;
	/** That of the node it was sent to first, which every attempt names; undefined where there are no regions. */
	readonly region: string | undefined;
	/** By the monotonic clock, as all times here. */
	readonly sentAt: number;
	/** When it was first answered with success; undefined before. */
	acceptedAt?: number;
	attempts: number;
}

export interface LikeLoadOptions {
	/** All nodes; each liker begins with one of them. */
	readonly urls: readonly string[];
	/** The region of each of them by its url; none when there are none. */
	readonly regions?: ReadonlyMap<string, string>;
	/** The first is the hottest. */
	readonly videos: readonly string[];
	readonly perSecond: number;
	readonly random: () => number;
}

interface Answer {
	/** 0 for none. */
	readonly status: number;
	readonly body: string;
	readonly retryAfterMs: number | undefined;
}

const NO_ANSWER: Answer = { status: 0, body: '', retryAfterMs: undefined };

/** In place of a time to wait: not again. */
const NEVER = Number.POSITIVE_INFINITY;

interface Liker {
	readonly user: string;
	gateway: number;
	failures: number;
}

/** A constant load of likes, each sent with the same id until it is answered; it knows which ones were. */
export class LikeLoad {
	/** All likes that were ever sent, by id, in order. */
	readonly likes = new Map<string, SentLike>();
	/** Answers after which a like is not sent again: there should be none. */
	readonly refusals: string[] = [];
	/** When the newest answer came. */
	lastAnswerAt = 0;
	/** When load was on, by the monotonic clock. */
	readonly periods: { from: number; to: number }[] = [];
	readonly #options: LikeLoadOptions;
	readonly #agent = new Agent({ keepAlive: true });
	readonly #likers: Liker[];
	readonly #closing = new AbortController();
	#timer: ReturnType<typeof setInterval> | undefined;
	#waiting = 0;

	constructor(options: LikeLoadOptions) {
		this.#options = options;
		// Every like that waits for its next attempt listens.
		setMaxListeners(0, this.#closing.signal);
		this.#likers = Array.from({ length: LIKERS }, (_, index) => ({
			user: `liker-${index + 1}`,
			gateway: index,
			failures: 0,
		}));
	}

	/** Likes without an answer so far. */
	get waiting(): number {
		return this.#waiting;
	}

	/** Begins, or goes on. */
	start(): void {
		if (this.#timer !== undefined) return;
		const { perSecond } = this.#options;
		const period = { from: performance.now(), to: Number.POSITIVE_INFINITY };
		this.periods.push(period);
		let sent = 0;
		this.#timer = setInterval(() => {
			const due = Math.floor(((performance.now() - period.from) / 1000) * perSecond);
			for (; sent < due; sent++) void this.like(this.#pickVideo());
		}, TICK_MS);
	}

	/** Sends no further likes; those without an answer are insisted on. */
	stop(): void {
		if (this.#timer === undefined) return;
		clearInterval(this.#timer);
		this.#timer = undefined;
		const period = this.periods.at(-1);
		if (period !== undefined) period.to = performance.now();
	}

	/** Gives one like, and settles when it is answered. */
	async like(video: string): Promise<void> {
		const { random } = this.#options;
		const liker = this.#pick(this.#likers);
		const like: SentLike = {
			id: randomUUID(),
			video,
			type: this.#pick(TYPES),
			user: liker.user,
			region: this.#options.regions?.get(this.#urlOf(liker)),
			sentAt: performance.now(),
			attempts: 0,
		};
		this.likes.set(like.id, like);
		this.#waiting++;
		const { signal } = this.#closing;
		while (!signal.aborted) {
			const retryAfterMs = await this.#attempt(liker, like);
			if (like.acceptedAt !== undefined || retryAfterMs === NEVER) break;
			const round = Math.floor(liker.failures / this.#options.urls.length);
			const waitMs = retryAfterMs ?? random() * backoffCeilingMs(round);
			await after(waitMs, undefined, { signal }).catch(() => undefined);
		}
		this.#waiting--;
	}

	/** Every liker sends to the node that it began with. */
	goHome(): void {
		for (const [index, liker] of this.#likers.entries()) Object.assign(liker, { gateway: index, failures: 0 });
	}

	/** Forgets likes that were first sent before a time and are not stored, and answers how many were accepted. */
	forgetLost(store: StoredVideos, before: number): number {
		let lost = 0;
		for (const { id, video, sentAt, acceptedAt } of this.likes.values()) {
			if (sentAt >= before || store.ids.get(video)?.has(id)) continue;
			if (acceptedAt !== undefined) lost++;
			this.likes.delete(id);
		}
		return lost;
	}

	/** Ends for good, answers or not. */
	close(): void {
		this.stop();
		this.#closing.abort();
		this.#agent.destroy();
	}

	/** Sends a like once. Answers with the milliseconds that the node asks to wait, if it does, or `NEVER`. */
	async #attempt(liker: Liker, like: SentLike): Promise<number | undefined> {
		const { gateway } = liker;
		like.attempts++;
		const answer = await this.#post(this.#urlOf(liker) + paths.likes(like.video), like).catch(() => NO_ANSWER);
		const { status } = answer;
		if (status === 200 || status === 201) {
			liker.failures = 0;
			this.lastAnswerAt = like.acceptedAt = performance.now();
			return undefined;
		}
		if (status !== 0 && status !== 408 && status !== 429 && status < 500) {
			this.refusals.push(`${like.id} was refused with ${status}: ${answer.body}`);
			return NEVER;
		}
		// Likes of one liker that fail together are one failure.
		if (liker.gateway === gateway) {
			liker.gateway++;
			liker.failures++;
		}
		return answer.retryAfterMs;
	}

	#urlOf({ gateway }: Liker): string {
		return this.#options.urls[gateway % this.#options.urls.length] ?? '';
	}

	#post(url: string, { id, type, user, region }: SentLike): Promise<Answer> {
		return new Promise((resolve, reject) => {
			const headers = { 'Content-Type': 'application/json', 'X-Likewire-User': user };
			const sent = request(url, { method: 'POST', agent: this.#agent, headers });
			const timer = setTimeout(() => sent.destroy(new Error('no answer in time')), DEADLINE_MS);
			sent.on('error', reject);
			sent.on('close', () => {
				clearTimeout(timer);
				reject(new Error('the connection broke'));
			});
			sent.on('response', (response) => {
				let body = '';
				response.setEncoding('utf8');
				response.on('data', (text: string) => {
					body += text;
				});
				response.on('error', reject);
				response.on('end', () => {
					const seconds = Number(response.headers['retry-after'] ?? Number.NaN);
					const retryAfterMs = Number.isNaN(seconds) ? undefined : seconds * 1000;
					resolve({ status: response.statusCode ?? 0, body, retryAfterMs });
				});
			});
			sent.end(JSON.stringify({ id, type, region }));
		});
	}

	#pickVideo(): string {
		const [hot = '', ...others] = this.#options.videos;
		return others.length === 0 || this.#options.random() < HOT_SHARE ? hot : this.#pick(others);
	}

	#pick<Item>(items: readonly Item[]): Item {
		return items[Math.floor(this.#options.random() * items.length)] as Item;
	}
}
