import { backoffCeilingMs } from './backoff.ts';
import { closedError, isUnauthorized, type LikewireError, temporary } from './errors.ts';
import type { Identity } from './identity.ts';
import { request } from './request.ts';

/** Writes that may be without an answer at a time. Beyond it one is refused with `queue_full`: nobody taps so fast. */
const MAX_WAITING = 1_000;

/** Requests at a time, for each region. Browsers open six connections to a host, and the streams of a few tabs need theirs. */
const MAX_IN_FLIGHT = 4;

/** What is to be stored, once, however often it is sent. */
export interface Write<Answer> {
	readonly method?: 'POST' | 'DELETE';
	/** One of the protocol's `paths`. */
	readonly path: string;
	/** With an id made here, or of such a kind that twice is the same as once. */
	readonly body?: object;
	/**
	 * The body, or the query of a DELETE, names the region of its first try, and it stays with that one: another one would
	 * do it again. Without it a write goes to whichever region is there.
	 */
	readonly staysInRegion?: boolean;
	/** Writes of the same key go out one after the other, in order. */
	readonly key?: string;
	/** Of those of its key that wait only this one goes out, and all are answered with its answer. */
	readonly onlyNewest?: boolean;
	/** Called before each post: from here on it may have been stored. */
	readonly onPost?: () => void;
	/** Whether the gateway said this: a captive portal or a cache may say anything, and then nothing is stored. */
	isAnswer(answer: Partial<Answer>): boolean;
}

interface WriteQueueOptions {
	readonly urls: readonly [string, ...string[]];
	readonly identity: Identity;
	/** Aborted when the client closes: whatever waits rejects with its reason. */
	readonly closing: AbortSignal;
}

/**
 * Writes on their way: sent until they are answered, always with the same body, and where it matters in the name of the
 * same region, so each counts once. Which region that is a stream has to say first: a like without one would count in each
 * that it reaches.
 */
export interface WriteQueue {
	/** Throws `queue_full` or `closed` at once; the answer may reject with any other {@link LikewireError}. */
	push<Answer>(write: Write<Answer>): Promise<Answer>;
	/**
	 * A stream said which region it is of, from the address at this place of the list: writes that were not tried yet go
	 * there. Without a region: no stream will ever say, and writes stay with one address.
	 */
	locate(region?: string, gateway?: number): void;
	/** The network is back: end a wait that was only a guess. */
	resume(): void;
}

interface Entry {
	write: Write<unknown>;
	readonly promise: Promise<unknown>;
	readonly resolve: (answer: unknown) => void;
	readonly reject: (error: LikewireError) => void;
	/** Where it was first tried, and belongs from then on. */
	lane: Lane | undefined;
	underWay: boolean;
	/** A token was refused with it, and another one tried. */
	renewed: boolean;
}

/** The writes of one region. One that cannot be reached does not keep those of another waiting. */
interface Lane {
	readonly region: string | undefined;
	gateway: number;
	inFlight: number;
	failures: number;
	/** Grows with each pause, so that posts that fail together count as one failure. */
	round: number;
	pause: { readonly timer: ReturnType<typeof setTimeout>; readonly asked: boolean } | undefined;
}

function createEntry(write: Write<unknown>): Entry {
	let resolve: Entry['resolve'] = () => {};
	let reject: Entry['reject'] = () => {};
	const promise = new Promise<unknown>((onAnswer, onError) => {
		resolve = onAnswer;
		reject = onError;
	});
	return { write, promise, resolve, reject, lane: undefined, underWay: false, renewed: false };
}

function checked(write: Write<unknown>, answer: unknown): unknown {
	if (write.isAnswer((answer ?? {}) as object)) return answer;
	throw temporary('unexpected_answer', `The answer to ${write.path} is none.`);
}

function withRegion(url: string, region: string | undefined): string {
	if (region === undefined) return url;
	return `${url}${url.includes('?') ? '&' : '?'}${new URLSearchParams({ region })}`;
}

export function createWriteQueue({ urls, identity, closing }: WriteQueueOptions): WriteQueue {
	/** All entries without an answer, in order. */
	const entries = new Set<Entry>();
	const lanes = new Map<string | undefined, Lane>();
	/** For writes that were not tried yet. */
	let current: Lane | undefined;

	function pump(): void {
		if (closing.aborted) return;
		const held = new Set<string>();
		for (const entry of entries) {
			const lane = entry.lane ?? current;
			if (lane === undefined) continue;
			if (entry.write.key !== undefined) {
				// Within a region: one that cannot be reached keeps nothing waiting that goes to another.
				const key = `${lane.region} ${entry.write.key}`;
				if (held.has(key)) continue;
				held.add(key);
			}
			if (entry.underWay || lane.pause !== undefined || lane.inFlight >= MAX_IN_FLIGHT) continue;
			void attempt(entry, lane);
		}
	}

	function endPause(lane: Lane): void {
		clearTimeout(lane.pause?.timer);
		lane.pause = undefined;
	}

	function startPause(lane: Lane, delayMs: number, asked: boolean): void {
		endPause(lane);
		const timer = setTimeout(() => {
			endPause(lane);
			pump();
		}, delayMs);
		lane.pause = { timer, asked };
	}

	function back(entry: Entry, lane: Lane, error: LikewireError, triedIn: number): void {
		if (entry.write.key === undefined) {
			// To the end: one that the gateway chokes on does not keep the others waiting.
			entries.delete(entry);
			entries.add(entry);
		}
		if (!entry.write.staysInRegion) entry.lane = undefined;
		if (triedIn === lane.round) {
			lane.round++;
			if (lane.region !== undefined) lane.gateway++;
			const asked = error.retryAfterMs !== undefined;
			// Who says when to come back is there: one write that is refused for long makes the waits of no other one grow.
			if (asked) lane.failures = 0;
			const ceilingMs = backoffCeilingMs(Math.floor(lane.failures++ / urls.length));
			startPause(lane, error.retryAfterMs ?? Math.random() * ceilingMs, asked);
		}
	}

	async function attempt(entry: Entry, lane: Lane): Promise<void> {
		const { write } = entry;
		const { region, round } = lane;
		entry.lane = lane;
		entry.underWay = true;
		lane.inFlight++;
		write.onPost?.();
		try {
			const { method = 'POST' } = write;
			const address = (urls[lane.gateway % urls.length] ?? urls[0]) + write.path;
			const named = write.staysInRegion ? region : undefined;
			const url = method === 'DELETE' ? withRegion(address, named) : address;
			const body = method === 'POST' && named !== undefined ? { ...write.body, region: named } : write.body;
			const answer = checked(write, await request({ url, method, body, identity, signal: closing }));
			lane.failures = 0;
			entries.delete(entry);
			entry.resolve(answer);
		} catch (cause) {
			const error = cause as LikewireError;
			const renew = identity.renews && !entry.renewed && isUnauthorized(error);
			if ((error.retryable || renew) && !closing.aborted) {
				entry.renewed ||= renew;
				back(entry, lane, error, round);
			} else {
				entries.delete(entry);
				entry.reject(error);
			}
		}
		entry.underWay = false;
		lane.inFlight--;
		pump();
	}

	/** The one that waits to be told something that is not true any more. */
	function outdated({ key, onlyNewest }: Write<unknown>): Entry | undefined {
		if (!onlyNewest) return undefined;
		for (const entry of entries) if (entry.write.key === key && !entry.underWay) return entry;
		return undefined;
	}

	function push(write: Write<unknown>): Promise<unknown> {
		if (closing.aborted) throw closedError();
		const waiting = outdated(write);
		if (waiting !== undefined) {
			waiting.write = write;
			return waiting.promise;
		}
		if (entries.size >= MAX_WAITING) {
			const message = `${MAX_WAITING} writes wait for their answer already.`;
			throw temporary('queue_full', message);
		}
		const entry = createEntry(write);
		entries.add(entry);
		pump();
		return entry.promise;
	}

	closing.addEventListener('abort', () => {
		for (const lane of lanes.values()) endPause(lane);
		for (const { reject } of entries) reject(closedError());
		entries.clear();
	});

	return {
		// `isAnswer` has seen it.
		push: push as WriteQueue['push'],
		locate(region, gateway = 0) {
			if (region === undefined && current !== undefined) return;
			current = lanes.get(region) ?? { region, gateway, inFlight: 0, failures: 0, round: 0, pause: undefined };
			lanes.set(region, current);
			// The stream has found an address that works.
			current.gateway = gateway;
			pump();
		},
		resume() {
			for (const lane of lanes.values()) if (lane.pause?.asked === false) endPause(lane);
			pump();
		},
	};
}
