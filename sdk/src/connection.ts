import {
	type ByeEvent,
	type HelloEvent,
	paths,
	type StreamEventName,
	type StreamPace,
	WATCHDOG_FACTOR,
} from '@likewire/protocol';
import { backoffCeilingMs } from './backoff.ts';
import type { ConnectionOptions, ConnectionState, StreamConnection } from './connection-options.ts';
import { isUnauthorized, LikewireError, mayBeBlocked, temporary } from './errors.ts';
import type { Credentials } from './identity.ts';
import { KINDS } from './kinds.ts';
import { queryOf } from './query.ts';
import type { StreamControl } from './stream-control.ts';
import { createSubscriptions } from './subscriptions.ts';
import { splitName } from './topics/names.ts';
import type { TopicEventName } from './topics/topic.ts';
import type { Transport } from './transport.ts';
import { createWatchdog } from './watchdog.ts';

/**
 * How long a stream may take to send `hello`, in milliseconds.
 * A browser's seventh connection to a host hangs silently.
 */
const HELLO_TIMEOUT_MS = 10_000;

/**
 * The most characters in the query of a stream; it leaves further topics to later requests.
 * A request line has to fit one packet: uWebSockets.js refuses one that the network cut just before `HTTP/1.1`, and
 * then the same address would fail at each attempt.
 */
const MAX_QUERY_LENGTH = 800;

/** Consecutive failures at each address before the client tries another transport. */
const MAX_FAILURES = 3;

/**
 * The longest silence or pause that a gateway may ask for, in milliseconds.
 * A mistake of a gateway must not end a page for good.
 */
const MAX_ASKED_MS = 5 * 60_000;

const OWN_EVENTS = ['hello', 'heartbeat', 'bye'] as const satisfies readonly StreamEventName[];

/** The names of the events that the client listens for. */
const EVENTS: readonly string[] = [...OWN_EVENTS, ...Object.keys(KINDS)];

function asLikewireError(cause: unknown): LikewireError {
	if (cause instanceof LikewireError) return cause;
	return temporary('network', 'The stream could not be opened.', cause);
}

/**
 * Returns a time that a gateway asked for, bounded.
 * Throws if it is none: timers take that, or too much, as 0 ms.
 */
function askedMs(ms: number): number {
	if (ms >= 0) return Math.min(ms, MAX_ASKED_MS);
	throw new TypeError(`${ms} is no time.`);
}

export function createConnection(options: ConnectionOptions): StreamConnection {
	const { urls, identity } = options;
	let state: ConnectionState = 'connecting';
	let gateway = 0;
	let failures = 0;
	/** The longest wait before the attempt in progress, in milliseconds. */
	let ceilingMs = 0;
	let liveSince: number | undefined;
	/** The `hello` of the open stream, if the stream takes changes. */
	let stream: HelloEvent | undefined;
	let control: StreamControl | undefined;
	let wantedPace: StreamPace = 'normal';
	/** The credentials of the newest attempt. */
	let credentials: Credentials | undefined;
	/** Whether a server answered the attempt before with something other than a stream. */
	let wasRefused = false;
	/** Whether the network seems to hold back the first transport. */
	let isBlocked = false;
	/** The topics in the address of the stream. */
	let asked: string[] = [];
	let transport: Transport | undefined;
	/** Runs during a pause that the gateway asked for; `transport` is undefined then. */
	let pause: ReturnType<typeof setTimeout> | undefined;

	const fail = (error: unknown) => transport?.fail(asLikewireError(error));
	const base = () => urls[gateway % urls.length] as string;

	const watchdog = createWatchdog(() => {
		fail(temporary('timeout', `No event from ${base()} in time.`));
	});

	const subscriptions = createSubscriptions({
		onRefused(name, code) {
			// A caller that asks again does so with a new token.
			if (credentials !== undefined) identity.refused(credentials);
			options.onRefused(name, code);
		},
		onChange: update,
	});

	/** Changes the stream to follow the wanted topics. */
	function update(): void {
		if (control !== undefined) control.update();
		else if (stream !== undefined) takeControl(stream).catch(() => {});
		else options.onSettle(subscriptions.wanted);
	}

	/** Loads the control of streams with the first stream. If that fails, the next change tries again. */
	async function takeControl(hello: HelloEvent): Promise<void> {
		const { createStreamControl } = await import('./parts.ts');
		if (stream !== hello) return;
		const pace = () => wantedPace;
		control ??= createStreamControl({ ...options, hello, url: base(), subscriptions, pace, onFailure: fail });
		control.update();
	}

	function setState(next: ConnectionState): void {
		if (state === next || state === 'closed') return;
		state = next;
		options.onState(next);
	}

	async function addresses(): Promise<string[]> {
		credentials = await identity.credentials();
		const own = `${base()}${paths.stream}?${queryOf(Object.entries(credentials))}`;
		const full: string[] = [];
		let last = own;
		asked = [];
		for (const name of subscriptions.toAsk()) {
			const more = `&${queryOf([splitName(name), ['cursor', options.cursorOf(name)]])}`;
			if ((last + more).length >= base().length + MAX_QUERY_LENGTH) {
				full.push(last);
				last = own;
			}
			last += more;
			if (full.length === 0) asked.push(name);
		}
		return [...full, last];
	}

	async function address(): Promise<string> {
		watchdog.watch(HELLO_TIMEOUT_MS);
		setState('connecting');
		// The client adds the other topics after `hello`, which names the topics that the stream has.
		return (await addresses())[0] as string;
	}

	function down(): void {
		watchdog.stop();
		control?.stop();
		if (liveSince !== undefined) {
			// The next attempt does not ask for topics that the gateway refused to the attempt before it.
			subscriptions.left();
			// A stream that outlived the wait before it was good, so waits do not grow on a network that flaps.
			if (Date.now() - liveSince >= ceilingMs) failures = 0;
		}
		liveSince = stream = control = undefined;
	}

	function onDown(cause: unknown): number {
		const error = asLikewireError(cause);
		const { code, retryAfterMs } = error;
		// If no server answers, asking for the reason first would make the stream the second request on return.
		wasRefused = liveSince === undefined && code !== 'network';
		if (code === 'forbidden' && liveSince === undefined && asked.length > 0) {
			// The caller may follow none of these topics, but perhaps others, and may like.
			subscriptions.refuse(asked.map((topic) => ({ topic, code })));
			setState('waiting');
			return 0;
		}
		if (isUnauthorized(error) || code === 'forbidden') {
			if (!identity.renews) {
				close();
				options.onError(error);
				return 0;
			}
			if (credentials !== undefined) identity.refused(credentials);
		}
		down();
		// The client tries each address of the list before the waits grow.
		ceilingMs = backoffCeilingMs(Math.floor(failures++ / urls.length));
		gateway++;
		if (!isBlocked && failures >= MAX_FAILURES * urls.length && mayBeBlocked(error)) {
			isBlocked = true;
			// After this call returns: the transport takes the wait from it, and then no longer waits.
			queueMicrotask(() => state !== 'closed' && open());
		}
		// A gateway's pause counts only after the client tried each address of the list.
		if (retryAfterMs !== undefined && failures % urls.length === 0) waitAsked(retryAfterMs);
		else setState('waiting');
		options.onError(error);
		return ceilingMs;
	}

	function onHello(hello: HelloEvent): void {
		const { connection, region, heartbeatMs, refused } = hello;
		watchdog.watch(askedMs(heartbeatMs) * WATCHDOG_FACTOR);
		liveSince = Date.now();
		wasRefused = false;
		// A poll sends `hello` again when the gateway refused topics.
		if (state === 'connecting') options.onOpen(region, gateway);
		subscriptions.refuse(refused);
		// Each poll asks for all wanted topics, so only a stream takes changes.
		if (connection) stream = hello;
		update();
		setState(connection ? 'live' : 'polling');
	}

	/** Ends the stream, the attempt, or the pause before an attempt. */
	function end(): void {
		transport?.close();
		transport = undefined;
		clearTimeout(pause);
		pause = undefined;
		down();
	}

	/** Waits for the time that a gateway asked for. */
	function waitAsked(ms: number): void {
		end();
		// At least the time asked for, with which the gateway spreads its clients; up to half more spreads them further.
		pause = setTimeout(open, ms * (1 + Math.random() / 2));
		setState('waiting');
	}

	function onBye({ reason, retryMs }: ByeEvent): void {
		const ms = askedMs(retryMs);
		if (reason === 'shutdown' || reason === 'full') gateway++;
		waitAsked(ms);
	}

	function onMessage(event: string, data: string | object, id: string | undefined): void {
		watchdog.reset();
		try {
			const parsed = typeof data === 'string' ? JSON.parse(data) : data;
			if (event === 'hello') onHello(parsed);
			else if (event === 'bye') onBye(parsed);
			// A gateway of a later version may send events that this client does not know.
			else if (event !== 'heartbeat' && EVENTS.includes(event)) options.onEvent(event as TopicEventName, parsed, id);
		} catch (cause) {
			fail(temporary('unexpected_answer', `The stream from ${base()} holds a "${event}" that cannot be read.`, cause));
		}
	}

	function open(): void {
		pause = undefined;
		transport?.close();
		const handlers = { events: EVENTS, address, addresses, wasRefused: () => wasRefused, onMessage, onDown };
		transport = options.transport.open({ ...handlers, gateways: urls.length }, isBlocked);
	}

	function close(): void {
		if (state === 'closed') return;
		end();
		setState('closed');
	}

	/** Opens the first stream, unless the platform misses the class that opens it. */
	function start(): void {
		if (transport === undefined && state === 'connecting' && !options.transport.missing()) open();
	}

	start();

	return {
		get state() {
			return state;
		},
		get gateway() {
			return gateway;
		},
		follow(name) {
			subscriptions.add(name);
			transport?.wake?.();
			start();
		},
		unfollow: subscriptions.remove,
		setPace(pace) {
			wantedPace = pace;
			// Before a stream opens, no topic may be settled: the topics come after the pace.
			if (stream !== undefined) update();
		},
		resume() {
			// A live or connecting stream may have died without a sign.
			if (state !== 'waiting') watchdog.check();
			// The client keeps a pause that the gateway asked for.
			else if (pause === undefined) open();
		},
		suspend() {
			if (state === 'closed') return;
			control?.end();
			end();
			setState('waiting');
		},
		close,
	};
}
