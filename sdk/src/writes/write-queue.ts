import { MAX_LIKES_PER_BATCH } from '@likewire/protocol';
import { backoffCeilingMs } from '../backoff.ts';
import { closedError, isUnauthorized, type LikewireError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import { queryOf } from '../query.ts';
import { request } from '../request.ts';
import { type BatchBody, batchBody, checkedAnswer, isDecided, outcomesOf } from './batch.ts';
import type { KeptTaps } from './kept-taps.ts';
import { MAX_WAITING, queueFullError, type Write, type WriteQueue } from './write.ts';

/**
 * Requests at a time, for each region.
 * Browsers open 6 connections to a host, and the streams of a few tabs need theirs.
 */
const MAX_IN_FLIGHT = 4;

/** How long taps gather after others went out, in milliseconds: 100 taps a second are 5 requests. */
const GATHER_MS = 200;

export interface WriteQueueOptions {
	readonly urls: readonly [string, ...string[]];
	readonly identity: Identity;
	/** Aborts when the client closes: pending writes reject with `closed`. */
	readonly closing: AbortSignal;
	/** Where taps outlive their page; absent: the client does not keep them. */
	readonly kept?: KeptTaps | undefined;
}

export interface Entry {
	write: Write<unknown>;
	readonly promise: Promise<unknown>;
	readonly resolve: (answer: unknown) => void;
	readonly reject: (error: LikewireError) => void;
	/** The queue of the region of its first try, in which it stays. */
	queue: RegionQueue | undefined;
	underWay: boolean;
	/** Whether a token was refused with it, so that it tries another one. */
	renewed: boolean;
}

/** The writes of one region: a region that does not answer does not delay the writes of another. */
interface RegionQueue {
	readonly region: string | undefined;
	gateway: number;
	inFlight: number;
	failures: number;
	/** Grows with each pause, so that posts that fail together count as one failure. */
	round: number;
	pause: { readonly timer: ReturnType<typeof setTimeout>; readonly asked: boolean } | undefined;
	/** Runs while taps gather. */
	gathering: ReturnType<typeof setTimeout> | undefined;
}

function createEntry(write: Write<unknown>, queue: RegionQueue | undefined): Entry {
	let resolve: Entry['resolve'] = () => {};
	let reject: Entry['reject'] = () => {};
	const promise = new Promise<unknown>((onAnswer, onError) => {
		resolve = onAnswer;
		reject = onError;
	});
	return { write, promise, resolve, reject, queue, underWay: false, renewed: false };
}

function withRegion(url: string, region: string | undefined): string {
	if (region === undefined) return url;
	return `${url}${url.includes('?') ? '&' : '?'}${queryOf([['region', region]])}`;
}

export function createWriteQueue({ urls, identity, closing, kept }: WriteQueueOptions): WriteQueue {
	/** All entries without an answer, in order. */
	const entries = new Set<Entry>();
	const queues = new Map<string | undefined, RegionQueue>();
	/** The queue for writes that were not tried yet; undefined until a stream names its region. */
	let current: RegionQueue | undefined;

	function pump(leaving = false): void {
		if (closing.aborted) return;
		const held = new Set<string>();
		for (const entry of entries) {
			const queue = entry.queue ?? current;
			if (queue === undefined) continue;
			const { key, tap } = entry.write;
			if (key !== undefined) {
				// Per region: a region that does not answer does not delay writes to another.
				const name = `${queue.region} ${key}`;
				if (held.has(name)) continue;
				held.add(name);
			}
			if (entry.underWay || queue.pause !== undefined || (queue.inFlight >= MAX_IN_FLIGHT && !leaving)) continue;
			if (tap === undefined) void attempt([entry], queue);
			else if (queue.gathering === undefined || leaving) void attempt(tapsWith(entry, queue), queue);
		}
		for (const queue of queues.values()) if (queue.gathering === undefined) gather(queue);
	}

	/** Returns the taps that go out in one request. */
	function tapsWith(first: Entry, queue: RegionQueue): Entry[] {
		const taps: Entry[] = [];
		for (const entry of entries) {
			const isOne = entry.write.tap !== undefined && entry.write.path === first.write.path && !entry.underWay;
			if (isOne && (entry.queue ?? current) === queue && taps.length < MAX_LIKES_PER_BATCH) taps.push(entry);
		}
		return taps;
	}

	/** Delays taps that come soon after others. */
	function gather(queue: RegionQueue): void {
		const isSending = [...entries].some(
			({ write, underWay, queue: own }) => write.tap !== undefined && underWay && own === queue,
		);
		if (!isSending) return;
		queue.gathering = setTimeout(() => {
			queue.gathering = undefined;
			pump();
		}, GATHER_MS);
	}

	function endPause(queue: RegionQueue): void {
		clearTimeout(queue.pause?.timer);
		queue.pause = undefined;
	}

	function startPause(queue: RegionQueue, delayMs: number, asked: boolean): void {
		endPause(queue);
		const timer = setTimeout(() => {
			endPause(queue);
			pump();
		}, delayMs);
		queue.pause = { timer, asked };
	}

	function back(entry: Entry, queue: RegionQueue, error: LikewireError, triedIn: number): void {
		if (entry.write.key === undefined) {
			// To the end: a write that the gateway fails on does not delay the others.
			entries.delete(entry);
			entries.add(entry);
		}
		if (!entry.write.staysInRegion) entry.queue = undefined;
		if (triedIn === queue.round) {
			queue.round++;
			if (queue.region !== undefined) queue.gateway++;
			const asked = error.retryAfterMs !== undefined;
			// A gateway that names a time is up: the refusals of one write do not make other writes wait longer.
			if (asked) queue.failures = 0;
			const ceilingMs = backoffCeilingMs(Math.floor(queue.failures++ / urls.length));
			startPause(queue, error.retryAfterMs ?? Math.random() * ceilingMs, asked);
		}
	}

	function failed(entry: Entry, queue: RegionQueue, error: LikewireError, triedIn: number): void {
		const { position, ...body } = (entry.write.body ?? {}) as { readonly position?: unknown };
		if (error.code === 'invalid_position' && position !== undefined) {
			// The user tapped it too long ago, or has another clock: the like counts without it.
			entry.write = { ...entry.write, body };
			return;
		}
		const renew = identity.renews && !entry.renewed && isUnauthorized(error);
		if ((error.retryable || renew) && !closing.aborted) {
			entry.renewed ||= renew;
			back(entry, queue, error, triedIn);
			return;
		}
		entries.delete(entry);
		// The next page may have another token, and sends what a closed client left.
		if (isDecided(error)) kept?.remove(entry.write.tap);
		entry.reject(error);
	}

	function answered(entry: Entry, answer: unknown): void {
		entries.delete(entry);
		kept?.remove(entry.write.tap);
		entry.resolve(answer);
	}

	/** Sends entries in one request; several are taps of one video. */
	async function attempt(batch: readonly Entry[], queue: RegionQueue): Promise<void> {
		const { region, round } = queue;
		for (const entry of batch) {
			// Stored with its region: another region would count it again.
			if (entry.queue === undefined) kept?.put(entry.write, region);
			entry.queue = queue;
			entry.underWay = true;
			entry.write.onPost?.();
		}
		queue.inFlight++;
		const [first] = batch as [Entry];
		const { method = 'POST', path, staysInRegion, body } = first.write;
		const named = staysInRegion ? region : undefined;
		try {
			const address = (urls[queue.gateway % urls.length] ?? urls[0]) + path;
			const url = method === 'DELETE' ? withRegion(address, named) : address;
			const sent: BatchBody = batch.length > 1 ? batchBody(batch.map(({ write }) => write)) : body;
			const answer = await request({
				url,
				method,
				body: method === 'POST' && named !== undefined ? { ...sent, region: named } : sent,
				identity,
				signal: closing,
				keepalive: true,
			});
			const outcomes = batch.length > 1 ? outcomesOf(path, answer, batch.length) : [checkedAnswer(first.write, answer)];
			queue.failures = 0;
			for (const [index, entry] of batch.entries()) {
				entry.underWay = false;
				const outcome = outcomes[index];
				if (outcome instanceof Error) failed(entry, queue, outcome as LikewireError, round);
				else answered(entry, outcome);
			}
		} catch (cause) {
			for (const entry of batch) {
				entry.underWay = false;
				failed(entry, queue, cause as LikewireError, round);
			}
		}
		queue.inFlight--;
		pump();
	}

	/** Returns the entry of the same key whose state a newer write replaces, if one waits. */
	function outdated({ key, onlyNewest }: Write<unknown>): Entry | undefined {
		if (!onlyNewest) return undefined;
		for (const entry of entries) if (entry.write.key === key && !entry.underWay) return entry;
		return undefined;
	}

	function queueOf(region: string | undefined, gateway: number): RegionQueue {
		const queue: RegionQueue = queues.get(region) ?? {
			...{ region, gateway, inFlight: 0, failures: 0, round: 0 },
			...{ pause: undefined, gathering: undefined },
		};
		queues.set(region, queue);
		return queue;
	}

	function push(write: Write<unknown>, queue?: RegionQueue, isKept = false): Promise<unknown> {
		if (closing.aborted) throw closedError();
		const waiting = outdated(write);
		if (waiting !== undefined) {
			waiting.write = write;
			return waiting.promise;
		}
		if (entries.size >= MAX_WAITING) throw queueFullError();
		const entry = createEntry(write, queue);
		entries.add(entry);
		if (!isKept) kept?.put(write, undefined);
		pump();
		return entry.promise;
	}

	closing.addEventListener('abort', () => {
		for (const queue of queues.values()) {
			endPause(queue);
			clearTimeout(queue.gathering);
		}
		for (const { reject } of entries) reject(closedError());
		entries.clear();
	});

	// Taps that an earlier page of this user left.
	kept?.load(async (write, region) => {
		try {
			// A tap that was tried before belongs to the region of that try.
			await push(write, region === undefined ? undefined : queueOf(region, 0), true);
			return true;
		} catch (error) {
			return isDecided(error as LikewireError);
		}
	});

	return {
		// `isAnswer` has checked its type.
		push: ((write: Write<unknown>) => push(write)) as WriteQueue['push'],
		locate(region, gateway = 0) {
			if (region === undefined && current !== undefined) return;
			current = queueOf(region, gateway);
			// The stream has found an address that works.
			current.gateway = gateway;
			pump();
		},
		resume() {
			for (const queue of queues.values()) if (queue.pause?.asked === false) endPause(queue);
			pump();
		},
		flush: () => pump(true),
	};
}
