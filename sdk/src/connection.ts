import {
	type ByeEvent,
	type HelloEvent,
	type LikesEvent,
	paths,
	type StreamEvents,
	WATCHDOG_FACTOR,
} from '@likewire/protocol';
import { backoffCeilingMs } from './backoff.ts';
import { isUnauthorized, LikewireError } from './errors.ts';
import type { Identity } from './identity.ts';
import { post } from './post.ts';
import { createSubscriptions } from './subscriptions.ts';
import type { OpenTransport, Transport } from './transport.ts';
import { createWatchdog } from './watchdog.ts';

/** How long a stream may take to say hello, in milliseconds. A browser's seventh connection to a host hangs silently. */
const HELLO_TIMEOUT_MS = 10_000;

/**
 * Beyond so many characters a stream's query names no further videos. A request line has to fit one packet: uWebSockets.js
 * refuses one that the network cut just before `HTTP/1.1`, and then the same address would fail at every attempt.
 */
const MAX_QUERY_LENGTH = 800;

/** A stream that lived this long was a success, in milliseconds: the backoff starts anew after it. */
const STABLE_MS = 10_000;

/**
 * The state of a client's connection:
 * - `connecting`: an attempt is under way;
 * - `live`: events arrive;
 * - `waiting`: a pause before the next attempt;
 * - `polling`: reserved for a transport to come;
 * - `closed`: for good; by `close()`, or because the gateway refused a client that has no other token to show.
 */
export type ConnectionState = 'connecting' | 'live' | 'waiting' | 'polling' | 'closed';

export interface ConnectionOptions {
	readonly urls: readonly [string, ...string[]];
	readonly identity: Identity;
	readonly openTransport: OpenTransport;
	readonly onState: (state: ConnectionState) => void;
	/** A stream was opened, of this region, at the address of this place in the list; each video starts with a snapshot. */
	readonly onOpen: (region: string, gateway: number) => void;
	readonly onLikes: (event: LikesEvent) => void;
	/** Why the stream is down; it comes back by itself, unless the state is `closed`. */
	readonly onError: (error: LikewireError) => void;
	/** These videos are followed from now on, and no others. */
	readonly onSettle: (wanted: ReadonlySet<string>) => void;
}

/** One stream for all videos of a client, kept open through everything. */
export interface Connection {
	readonly state: ConnectionState;
	follow(video: string): void;
	unfollow(video: string): void;
	/** The network or the page is back: whatever is waited for, try now. */
	resume(): void;
	close(): void;
}

function asLikewireError(cause: unknown): LikewireError {
	if (cause instanceof LikewireError) return cause;
	return new LikewireError('network', 'The stream could not be opened.', { retryable: true, cause });
}

export function createConnection(options: ConnectionOptions): Connection {
	const { urls, identity, openTransport } = options;
	let state: ConnectionState = 'connecting';
	let gateway = 0;
	let failures = 0;
	let liveSince: number | undefined;
	let transport: Transport | undefined;
	/** Runs while the gateway asked for a pause; there is no transport then. */
	let pause: ReturnType<typeof setTimeout> | undefined;
	const closing = new AbortController();

	const fail = (error: unknown) => transport?.fail(asLikewireError(error));
	const base = () => urls[gateway % urls.length] ?? urls[0];

	const watchdog = createWatchdog(() => {
		fail(new LikewireError('timeout', `Nothing arrived from ${base()} for too long.`, { retryable: true }));
	});

	const subscriptions = createSubscriptions({
		async send(connection, body) {
			await post({ url: base() + paths.subscriptions(connection), body, identity, signal: closing.signal });
		},
		onFailure: fail,
		onSettle: options.onSettle,
	});

	function setState(next: ConnectionState): void {
		if (state === next || state === 'closed') return;
		state = next;
		options.onState(next);
	}

	async function address(): Promise<string> {
		watchdog.watch(HELLO_TIMEOUT_MS);
		setState('connecting');
		const query = new URLSearchParams(await identity.query());
		// The others follow with the hello, which names the videos that the stream has.
		for (const video of subscriptions.wanted)
			if (query.toString().length < MAX_QUERY_LENGTH) query.append('video', video);
		return `${base()}${paths.stream}?${query}`;
	}

	function down(): void {
		watchdog.stop();
		subscriptions.left();
		if (liveSince !== undefined && Date.now() - liveSince >= STABLE_MS) failures = 0;
		liveSince = undefined;
	}

	function onDown(cause: unknown): number {
		const error = asLikewireError(cause);
		if (!identity.renews && (isUnauthorized(error) || error.code === 'forbidden')) {
			close();
			options.onError(error);
			return 0;
		}
		down();
		// The whole list is tried before the waits grow.
		const ceilingMs = backoffCeilingMs(Math.floor(failures++ / urls.length));
		gateway++;
		setState('waiting');
		options.onError(error);
		return ceilingMs;
	}

	function onHello({ connection, region, heartbeatMs, videos }: HelloEvent): void {
		liveSince = Date.now();
		watchdog.watch(heartbeatMs * WATCHDOG_FACTOR);
		subscriptions.joined(connection, videos);
		options.onOpen(region, gateway);
		setState('live');
	}

	function onBye({ reason, retryMs }: ByeEvent): void {
		transport?.close();
		transport = undefined;
		down();
		if (reason === 'shutdown') gateway++;
		// Never sooner than asked: the gateway spreads its clients by it. Somewhat later, to spread them more.
		pause = setTimeout(open, retryMs * (1 + Math.random() / 2));
		setState('waiting');
	}

	function onMessage(event: string, data: string): void {
		watchdog.heard();
		let parsed: StreamEvents[keyof StreamEvents];
		try {
			parsed = JSON.parse(data);
		} catch (cause) {
			const message = `The stream from ${base()} holds an event that is not JSON.`;
			fail(new LikewireError('unexpected_answer', message, { retryable: true, cause }));
			return;
		}
		if (event === 'likes') options.onLikes(parsed as LikesEvent);
		else if (event === 'hello') onHello(parsed as HelloEvent);
		else if (event === 'bye') onBye(parsed as ByeEvent);
	}

	function open(): void {
		pause = undefined;
		transport?.close();
		transport = openTransport({ address, onMessage, onDown });
	}

	function close(): void {
		if (state === 'closed') return;
		transport?.close();
		clearTimeout(pause);
		watchdog.stop();
		subscriptions.left();
		closing.abort(new LikewireError('closed', 'The client was closed.'));
		setState('closed');
	}

	open();

	return {
		get state() {
			return state;
		},
		follow: subscriptions.add,
		unfollow: subscriptions.remove,
		resume() {
			// Live or on the way there, the stream may have died unnoticed.
			if (state !== 'waiting') watchdog.check();
			// A pause that the gateway asked for is kept.
			else if (pause === undefined) open();
		},
		close,
	};
}
