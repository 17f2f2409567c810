import {
	type ByeEvent,
	type HelloEvent,
	paths,
	type StreamEventName,
	type StreamEvents,
	type SubscriptionAnswer,
	WATCHDOG_FACTOR,
} from '@likewire/protocol';
import { createAlive } from './alive.ts';
import { backoffCeilingMs } from './backoff.ts';
import type { ConnectionOptions, ConnectionState, StreamConnection } from './connection-options.ts';
import { isUnauthorized, LikewireError, mayBeBlocked, temporary } from './errors.ts';
import type { Credentials } from './identity.ts';
import { KINDS } from './kinds.ts';
import { queryOf } from './query.ts';
import { request } from './request.ts';
import { createSubscriptions } from './subscriptions.ts';
import { splitName } from './topics/names.ts';
import type { TopicEventName } from './topics/topic.ts';
import type { Transport } from './transport.ts';
import { createWatchdog } from './watchdog.ts';

/** How long a stream may take to say hello, in milliseconds. A browser's seventh connection to a host hangs silently. */
const HELLO_TIMEOUT_MS = 10_000;

/**
 * A stream's query names no more topics than fit into so many characters. A request line has to fit one packet: uWebSockets.js
 * refuses one that the network cut just before `HTTP/1.1`, and then the same address would fail at every attempt.
 */
const MAX_QUERY_LENGTH = 800;

/** Attempts at each address that have to fail one after the other before another way is tried. */
const MAX_FAILURES = 3;

const OWN_EVENTS = ['hello', 'heartbeat', 'bye'] as const satisfies readonly StreamEventName[];

/** What a stream is listened to for. */
const EVENTS: readonly string[] = [...OWN_EVENTS, ...Object.keys(KINDS)];

function asLikewireError(cause: unknown): LikewireError {
	if (cause instanceof LikewireError) return cause;
	return temporary('network', 'The stream could not be opened.', cause);
}

export function createConnection(options: ConnectionOptions): StreamConnection {
	const { urls, identity, closing } = options;
	let state: ConnectionState = 'connecting';
	let gateway = 0;
	let failures = 0;
	/** The longest wait before the attempt under way, in milliseconds. */
	let ceilingMs = 0;
	let liveSince: number | undefined;
	/** What the gateway calls the stream that is open. */
	let id: string | undefined;
	/** Those of the newest attempt. */
	let credentials: Credentials | undefined;
	/** The attempt before got an answer that was no stream. */
	let wasRefused = false;
	/** The network seems to hold back what is tried first. */
	let isBlocked = false;
	/** The topics in its address. */
	let asked: string[] = [];
	let transport: Transport | undefined;
	/** Runs while the gateway asked for a pause; there is no transport then. */
	let pause: ReturnType<typeof setTimeout> | undefined;

	const fail = (error: unknown) => transport?.fail(asLikewireError(error));
	const base = () => urls[gateway % urls.length] ?? urls[0];

	const watchdog = createWatchdog(() => {
		fail(temporary('timeout', `Nothing arrived from ${base()} for too long.`));
	});

	const alive = createAlive((connection) => {
		const url = base() + paths.alive(connection);
		request({ url, method: 'POST', identity, signal: closing }).catch((error: unknown) => {
			// The gateway ended the connection, and its `bye` is lost.
			if (state === 'live' && error instanceof LikewireError && error.code === 'connection_not_found') fail(error);
		});
	});

	const subscriptions = createSubscriptions({
		cursorOf: options.cursorOf,
		async send(connection, body) {
			const url = base() + paths.subscriptions(connection);
			return (await request({ url, method: 'POST', body, identity, signal: closing })) as
				| SubscriptionAnswer
				| undefined;
		},
		onFailure: fail,
		onRefused(name, code) {
			// A caller that asks again does so with a token of now.
			if (credentials !== undefined) identity.refused(credentials);
			options.onRefused(name, code);
		},
		onSettle: options.onSettle,
	});

	function setState(next: ConnectionState): void {
		if (state === next || state === 'closed') return;
		state = next;
		options.onState(next);
	}

	async function addresses(): Promise<string[]> {
		credentials = await identity.credentials();
		const own = `${base()}${paths.stream}?${queryOf(Object.entries(credentials.query))}`;
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
		// The others follow with the hello, which names the topics that the stream has.
		return (await addresses())[0] as string;
	}

	function down(): void {
		watchdog.stop();
		alive.stop();
		subscriptions.left();
		// A stream that outlived the wait before it was good: on a network that flaps, waits do not grow.
		if (liveSince !== undefined && Date.now() - liveSince >= ceilingMs) failures = 0;
		liveSince = id = undefined;
	}

	function onDown(cause: unknown): number {
		const error = asLikewireError(cause);
		// Where nothing answers, asking first would only make the stream that comes back the second request.
		wasRefused = liveSince === undefined && error.code !== 'network';
		if (error.code === 'forbidden' && liveSince === undefined && asked.length > 0) {
			// The caller may follow none of these; others, and likes, are another matter.
			subscriptions.refuse(asked, error.code);
			setState('waiting');
			return 0;
		}
		if (isUnauthorized(error) || error.code === 'forbidden') {
			if (!identity.renews) {
				close();
				options.onError(error);
				return 0;
			}
			if (credentials !== undefined) identity.refused(credentials);
		}
		down();
		// The whole list is tried before the waits grow.
		ceilingMs = backoffCeilingMs(Math.floor(failures++ / urls.length));
		gateway++;
		if (!isBlocked && failures >= MAX_FAILURES * urls.length && mayBeBlocked(error)) {
			isBlocked = true;
			// Once the transport has heard how long to wait, for it does so no more.
			queueMicrotask(() => state !== 'closed' && open());
		}
		// A list is tried to its end before its gateways have a say.
		if (error.retryAfterMs !== undefined && failures % urls.length === 0) waitAsked(error.retryAfterMs);
		setState('waiting');
		options.onError(error);
		return ceilingMs;
	}

	function onHello({ connection, region, heartbeatMs, refused, ...followed }: HelloEvent): void {
		liveSince = Date.now();
		wasRefused = false;
		id = connection || undefined;
		watchdog.watch(heartbeatMs * WATCHDOG_FACTOR);
		if (identity.isSignedIn && id) alive.start(id);
		// A poll says hello again when topics were refused.
		if (state === 'connecting') options.onOpen(region, gateway);
		subscriptions.joined(id, followed, refused);
		setState(id ? 'live' : 'polling');
	}

	function rest(): void {
		transport?.close();
		transport = undefined;
		down();
	}

	/** Waits for the time that a gateway asked for. */
	function waitAsked(ms: number): void {
		transport?.close();
		transport = undefined;
		// Never sooner than asked: the gateway spreads its clients by it. Somewhat later, to spread them more.
		pause = setTimeout(open, ms * (1 + Math.random() / 2));
	}

	function onBye({ reason, retryMs }: ByeEvent): void {
		rest();
		if (reason === 'shutdown' || reason === 'full') gateway++;
		waitAsked(retryMs);
		setState('waiting');
	}

	function onMessage(event: string, data: string | object, id: string | undefined): void {
		watchdog.heard();
		let parsed: StreamEvents[keyof StreamEvents];
		try {
			parsed = (typeof data === 'string' ? JSON.parse(data) : data) as typeof parsed;
		} catch (cause) {
			const message = `The stream from ${base()} holds an event that is not JSON.`;
			fail(temporary('unexpected_answer', message, cause));
			return;
		}
		if (event === 'hello') onHello(parsed as HelloEvent);
		else if (event === 'bye') onBye(parsed as ByeEvent);
		else if (event !== 'heartbeat') options.onEvent(event as TopicEventName, parsed as never, id);
	}

	function open(): void {
		pause = undefined;
		transport?.close();
		const handlers = { events: EVENTS, address, addresses, wasRefused: () => wasRefused, onMessage, onDown };
		transport = options.transport.open({ ...handlers, gateways: urls.length }, isBlocked);
	}

	function close(): void {
		if (state === 'closed') return;
		transport?.close();
		clearTimeout(pause);
		watchdog.stop();
		alive.stop();
		subscriptions.left();
		setState('closed');
	}

	/** Opens the first stream, once there is what opens streams. */
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
		setPace: subscriptions.setPace,
		resume() {
			// Live or on the way there, the stream may have died unnoticed.
			if (state !== 'waiting') watchdog.check();
			// A pause that the gateway asked for is kept.
			else if (pause === undefined) open();
		},
		suspend() {
			if (state === 'closed') return;
			if (id !== undefined) {
				// Behind a proxy the gateway may see late that the stream ended.
				const url = base() + paths.connection(id);
				request({ url, method: 'DELETE', identity, signal: closing, keepalive: true }).catch(() => {});
			}
			clearTimeout(pause);
			pause = undefined;
			rest();
			setState('waiting');
		},
		close,
	};
}
