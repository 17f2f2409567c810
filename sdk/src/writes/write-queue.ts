import { MAX_LIKES_PER_BATCH } from '@likewire/protocol';
import { backoffCeilingMs } from '../backoff.ts';
import { closedError, isUnauthorized, type LikewireError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import { queryOf } from '../query.ts';
import { request } from '../request.ts';
import { type BatchBody, batchBody, checkedAnswer, isDecided, outcomesOf } from './batch.ts';
import type { KeptTaps } from './kept-taps.ts';
import { MAX_WAITING, queueFullError, type Write, type WriteQueue } from './write.ts';

/** Requests at a time, for each region. Browsers open six connections to a host, and the streams of a few tabs need theirs. */
const MAX_IN_FLIGHT = 4;

/** After taps went out the next ones gather for so long, in milliseconds: a hundred taps a second are five requests. */
const GATHER_MS = 200;

export interface WriteQueueOptions {
	readonly urls: readonly [string, ...string[]];
	readonly identity: Identity;
	/** Aborted when the client closes: whatever waits rejects with `closed`. */
	readonly closing: AbortSignal;
	/** Where taps outlive their page; absent: nowhere. */
	readonly kept?: KeptTaps | undefined;
}

export interface Entry {
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
	/** Runs while taps gather. */
	gathering: ReturnType<typeof setTimeout> | undefined;
}

function createEntry(write: Write<unknown>, lane: Lane | undefined): Entry {
	let resolve: Entry['resolve'] = () => {};
	let reject: Entry['reject'] = () => {};
	const promise = new Promise<unknown>((onAnswer, onError) => {
		resolve = onAnswer;
		reject = onError;
	});
	return { write, promise, resolve, reject, lane, underWay: false, renewed: false };
}

function withRegion(url: string, region: string | undefined): string {
	if (region === undefined) return url;
	return `${url}${url.includes('?') ? '&' : '?'}${queryOf([['region', region]])}`;
}

export function createWriteQueue({ urls, identity, closing, kept }: WriteQueueOptions): WriteQueue {
	/** All entries without an answer, in order. */
	const entries = new Set<Entry>();
	const lanes = new Map<string | undefined, Lane>();
	/** For writes that were not tried yet. */
	let current: Lane | undefined;

	function pump(leaving = false): void {
		if (closing.aborted) return;
		const held = new Set<string>();
		for (const entry of entries) {
			const lane = entry.lane ?? current;
			if (lane === undefined) continue;
			const { key, tap } = entry.write;
			if (key !== undefined) {
				// Within a region: one that cannot be reached keeps nothing waiting that goes to another.
				const name = `${lane.region} ${key}`;
				if (held.has(name)) continue;
				held.add(name);
			}
			if (entry.underWay || lane.pause !== undefined || (lane.inFlight >= MAX_IN_FLIGHT && !leaving)) continue;
			if (tap === undefined) void attempt([entry], lane);
			else if (lane.gathering === undefined || leaving) void attempt(tapsWith(entry, lane), lane);
		}
		for (const lane of lanes.values()) if (lane.gathering === undefined) gather(lane);
	}

	/** The taps that go out in one request. */
	function tapsWith(first: Entry, lane: Lane): Entry[] {
		const taps: Entry[] = [];
		for (const entry of entries) {
			const isOne = entry.write.tap !== undefined && entry.write.path === first.write.path && !entry.underWay;
			if (isOne && (entry.lane ?? current) === lane && taps.length < MAX_LIKES_PER_BATCH) taps.push(entry);
		}
		return taps;
	}

	/** Holds taps up that come soon after others. */
	function gather(lane: Lane): void {
		const isSending = [...entries].some(
			({ write, underWay, lane: own }) => write.tap !== undefined && underWay && own === lane,
		);
		if (!isSending) return;
		lane.gathering = setTimeout(() => {
			lane.gathering = undefined;
			pump();
		}, GATHER_MS);
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

	function failed(entry: Entry, lane: Lane, error: LikewireError, triedIn: number): void {
		const renew = identity.renews && !entry.renewed && isUnauthorized(error);
		if ((error.retryable || renew) && !closing.aborted) {
			entry.renewed ||= renew;
			back(entry, lane, error, triedIn);
			return;
		}
		entries.delete(entry);
		// The next page may have a better token, and goes on with what a closed client left.
		if (isDecided(error)) kept?.remove(entry.write.tap);
		entry.reject(error);
	}

	function answered(entry: Entry, answer: unknown): void {
		entries.delete(entry);
		kept?.remove(entry.write.tap);
		entry.resolve(answer);
	}

	/** Sends them in one request; more than one are taps of one video. */
	async function attempt(batch: readonly Entry[], lane: Lane): Promise<void> {
		const { region, round } = lane;
		for (const entry of batch) {
			// Stored with its region: another one would count it again.
			if (entry.lane === undefined) kept?.put(entry.write, region);
			entry.lane = lane;
			entry.underWay = true;
			entry.write.onPost?.();
		}
		lane.inFlight++;
		const [first] = batch as [Entry];
		const { method = 'POST', path, staysInRegion, body } = first.write;
		const named = staysInRegion ? region : undefined;
		try {
			const address = (urls[lane.gateway % urls.length] ?? urls[0]) + path;
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
			lane.failures = 0;
			for (const [index, entry] of batch.entries()) {
				entry.underWay = false;
				const outcome = outcomes[index];
				if (outcome instanceof Error) failed(entry, lane, outcome as LikewireError, round);
				else answered(entry, outcome);
			}
		} catch (cause) {
			for (const entry of batch) {
				entry.underWay = false;
				failed(entry, lane, cause as LikewireError, round);
			}
		}
		lane.inFlight--;
		pump();
	}

	/** The one that waits to be told something that is not true any more. */
	function outdated({ key, onlyNewest }: Write<unknown>): Entry | undefined {
		if (!onlyNewest) return undefined;
		for (const entry of entries) if (entry.write.key === key && !entry.underWay) return entry;
		return undefined;
	}

	function laneOf(region: string | undefined, gateway: number): Lane {
		const lane: Lane = lanes.get(region) ?? {
			...{ region, gateway, inFlight: 0, failures: 0, round: 0 },
			...{ pause: undefined, gathering: undefined },
		};
		lanes.set(region, lane);
		return lane;
	}

	function push(write: Write<unknown>, lane?: Lane, isKept = false): Promise<unknown> {
		if (closing.aborted) throw closedError();
		const waiting = outdated(write);
		if (waiting !== undefined) {
			waiting.write = write;
			return waiting.promise;
		}
		if (entries.size >= MAX_WAITING) throw queueFullError();
		const entry = createEntry(write, lane);
		entries.add(entry);
		if (!isKept) kept?.put(write, undefined);
		pump();
		return entry.promise;
	}

	closing.addEventListener('abort', () => {
		for (const lane of lanes.values()) {
			endPause(lane);
			clearTimeout(lane.gathering);
		}
		for (const { reject } of entries) reject(closedError());
		entries.clear();
	});

	// An earlier page of this user left them.
	kept?.load(async (write, region) => {
		try {
			// Tried before, it belongs to the region of that try.
			await push(write, region === undefined ? undefined : laneOf(region, 0), true);
			return true;
		} catch (error) {
			return isDecided(error as LikewireError);
		}
	});

	return {
		// `isAnswer` has seen it.
		push: ((write: Write<unknown>) => push(write)) as WriteQueue['push'],
		locate(region, gateway = 0) {
			if (region === undefined && current !== undefined) return;
			current = laneOf(region, gateway);
			// The stream has found an address that works.
			current.gateway = gateway;
			pump();
		},
		resume() {
			for (const lane of lanes.values()) if (lane.pause?.asked === false) endPause(lane);
			pump();
		},
		flush: () => pump(true),
	};
}
