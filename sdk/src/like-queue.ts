import { type LikeAnswer, paths } from '@likewire/protocol';
import { backoffCeilingMs } from './backoff.ts';
import { isUnauthorized, LikewireError } from './errors.ts';
import type { Identity } from './identity.ts';
import { post } from './post.ts';

/** Likes that may be without an answer at a time. Beyond it a like is refused with `queue_full`: nobody taps so fast. */
const MAX_WAITING = 1_000;

/** Requests at a time, for each region. Browsers open six connections to a host, and the streams of a few tabs need theirs. */
const MAX_IN_FLIGHT = 4;

interface LikeRequest {
	readonly video: string;
	readonly id: string;
	readonly type: string;
	/** Called before each post: from here on the like may have been counted. */
	readonly onPost: () => void;
}

interface LikeQueueOptions {
	readonly urls: readonly [string, ...string[]];
	readonly identity: Identity;
}

/**
 * Likes on their way: posted until they are answered, always with the same id and in the name of the same region, so each
 * counts once. Which region that is a stream has to say first: a like without one would count in each that it reaches.
 */
export interface LikeQueue {
	/** Throws `queue_full` or `closed` at once; the answer may reject with any other {@link LikewireError}. */
	push(request: LikeRequest): Promise<LikeAnswer>;
	/**
	 * A stream said which region it is of, from the address at this place of the list: likes that were not posted yet go
	 * there. Without a region: no stream will ever say, and likes stay with one address.
	 */
	locate(region?: string, gateway?: number): void;
	/** The network is back: end a wait that was only a guess. */
	resume(): void;
	/** Rejects all that waits with `closed`. */
	close(): void;
}

interface Entry {
	readonly request: LikeRequest;
	readonly promise: Promise<LikeAnswer>;
	readonly resolve: (answer: LikeAnswer) => void;
	readonly reject: (error: LikewireError) => void;
	/** Where it was first tried, and belongs from then on. */
	lane: Lane | undefined;
	underWay: boolean;
	/** A token was refused with it, and another one tried. */
	renewed: boolean;
}

/** The likes of one region. One that cannot be reached does not keep those of another waiting. */
interface Lane {
	readonly region: string | undefined;
	gateway: number;
	inFlight: number;
	failures: number;
	/** Grows with each pause, so that posts that fail together count as one failure. */
	round: number;
	pause: { readonly timer: ReturnType<typeof setTimeout>; readonly asked: boolean } | undefined;
}

function createEntry(request: LikeRequest): Entry {
	let resolve: Entry['resolve'] = () => {};
	let reject: Entry['reject'] = () => {};
	const promise = new Promise<LikeAnswer>((onAnswer, onError) => {
		resolve = onAnswer;
		reject = onError;
	});
	return { request, promise, resolve, reject, lane: undefined, underWay: false, renewed: false };
}

function closedError(): LikewireError {
	return new LikewireError('closed', 'The client was closed.');
}

function asLikeAnswer(answer: unknown): LikeAnswer {
	const { id, revision, totals } = (answer ?? {}) as Partial<LikeAnswer>;
	if (typeof id === 'string' && typeof revision === 'number' && typeof totals === 'object') return answer as LikeAnswer;
	// A captive portal or a cache, say: the like is not stored until the gateway says so.
	throw new LikewireError('unexpected_answer', 'The answer to a like is none.', { retryable: true });
}

export function createLikeQueue({ urls, identity }: LikeQueueOptions): LikeQueue {
	/** All entries without an answer, in order. */
	const entries = new Set<Entry>();
	const lanes = new Map<string | undefined, Lane>();
	/** For likes that were not tried yet. */
	let current: Lane | undefined;
	const closing = new AbortController();

	function pump(): void {
		if (closing.signal.aborted) return;
		for (const entry of entries) {
			const lane = entry.lane ?? current;
			if (lane === undefined || entry.underWay || lane.pause !== undefined || lane.inFlight >= MAX_IN_FLIGHT) continue;
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
		// To the end: a like that the gateway chokes on does not keep the others waiting.
		entries.delete(entry);
		entries.add(entry);
		if (triedIn === lane.round) {
			lane.round++;
			if (lane.region !== undefined) lane.gateway++;
			const asked = error.retryAfterMs !== undefined;
			// Who says when to come back is there: one like that is refused for long makes the waits of no other one grow.
			if (asked) lane.failures = 0;
			const ceilingMs = backoffCeilingMs(Math.floor(lane.failures++ / urls.length));
			startPause(lane, error.retryAfterMs ?? Math.random() * ceilingMs, asked);
		}
	}

	async function attempt(entry: Entry, lane: Lane): Promise<void> {
		const { video, id, type, onPost } = entry.request;
		const { region, round } = lane;
		entry.lane = lane;
		entry.underWay = true;
		lane.inFlight++;
		onPost();
		try {
			const url = (urls[lane.gateway % urls.length] ?? urls[0]) + paths.likes(video);
			const answer = asLikeAnswer(await post({ url, body: { id, type, region }, identity, signal: closing.signal }));
			lane.failures = 0;
			entries.delete(entry);
			entry.resolve(answer);
		} catch (cause) {
			const error = cause as LikewireError;
			const renew = identity.renews && !entry.renewed && isUnauthorized(error);
			if ((error.retryable || renew) && !closing.signal.aborted) {
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

	return {
		push(request) {
			if (closing.signal.aborted) throw closedError();
			if (entries.size >= MAX_WAITING) {
				const message = `${MAX_WAITING} likes wait for their answer already.`;
				throw new LikewireError('queue_full', message, { retryable: true });
			}
			const entry = createEntry(request);
			entries.add(entry);
			pump();
			return entry.promise;
		},
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
		close() {
			if (closing.signal.aborted) return;
			for (const lane of lanes.values()) endPause(lane);
			closing.abort(closedError());
			for (const { reject } of entries) reject(closedError());
			entries.clear();
		},
	};
}
