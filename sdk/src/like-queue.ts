import { type LikeAnswer, paths } from '@likewire/protocol';
import { backoffCeilingMs } from './backoff.ts';
import { isUnauthorized, LikewireError } from './errors.ts';
import type { Identity } from './identity.ts';
import { post } from './post.ts';

/** Likes that may be without an answer at a time. Beyond it a like is refused with `queue_full`: nobody taps so fast. */
const MAX_WAITING = 1_000;

/** Requests at a time. Browsers open six connections to a host, and the streams of a few tabs need theirs. */
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

/** Likes on their way: posted until they are answered, always with the same id, so each counts once. */
export interface LikeQueue {
	/** Throws `queue_full` or `closed` at once; the answer may reject with any other {@link LikewireError}. */
	push(request: LikeRequest): Promise<LikeAnswer>;
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
	/** A token was refused with it, and another one tried. */
	renewed: boolean;
}

function createEntry(request: LikeRequest): Entry {
	let resolve: Entry['resolve'] = () => {};
	let reject: Entry['reject'] = () => {};
	const promise = new Promise<LikeAnswer>((onAnswer, onError) => {
		resolve = onAnswer;
		reject = onError;
	});
	return { request, promise, resolve, reject, renewed: false };
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
	const inFlight = new Set<Entry>();
	const closing = new AbortController();
	let gateway = 0;
	let failures = 0;
	/** Grows with each pause, so that posts that fail together count as one failure. */
	let round = 0;
	let pause: { readonly timer: ReturnType<typeof setTimeout>; readonly asked: boolean } | undefined;

	function pump(): void {
		if (closing.signal.aborted) return;
		for (const entry of entries) {
			if (pause !== undefined || inFlight.size >= MAX_IN_FLIGHT) return;
			if (!inFlight.has(entry)) void attempt(entry);
		}
	}

	function endPause(): void {
		clearTimeout(pause?.timer);
		pause = undefined;
	}

	function startPause(delayMs: number, asked: boolean): void {
		endPause();
		const timer = setTimeout(() => {
			endPause();
			pump();
		}, delayMs);
		pause = { timer, asked };
	}

	function back(entry: Entry, error: LikewireError, triedIn: number): void {
		// To the end: a like that the gateway chokes on does not keep the others waiting.
		entries.delete(entry);
		entries.add(entry);
		if (triedIn === round) {
			round++;
			gateway++;
			const ceilingMs = backoffCeilingMs(Math.floor(failures++ / urls.length));
			startPause(error.retryAfterMs ?? Math.random() * ceilingMs, error.retryAfterMs !== undefined);
		}
	}

	async function attempt(entry: Entry): Promise<void> {
		const { video, id, type, onPost } = entry.request;
		const triedIn = round;
		inFlight.add(entry);
		onPost();
		try {
			const url = (urls[gateway % urls.length] ?? urls[0]) + paths.likes(video);
			const answer = asLikeAnswer(await post({ url, body: { id, type }, identity, signal: closing.signal }));
			failures = 0;
			entries.delete(entry);
			entry.resolve(answer);
		} catch (cause) {
			const error = cause as LikewireError;
			const renew = identity.renews && !entry.renewed && isUnauthorized(error);
			if ((error.retryable || renew) && !closing.signal.aborted) {
				entry.renewed ||= renew;
				back(entry, error, triedIn);
			} else {
				entries.delete(entry);
				entry.reject(error);
			}
		}
		inFlight.delete(entry);
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
		resume() {
			if (pause === undefined || pause.asked) return;
			endPause();
			pump();
		},
		close() {
			if (closing.signal.aborted) return;
			endPause();
			closing.abort(closedError());
			for (const { reject } of entries) reject(closedError());
			entries.clear();
		},
	};
}
