import ReconnectingEventSource from 'reconnecting-eventsource';
import { temporary } from './errors.ts';
import { reasonOf } from './reason.ts';
import type { Transport, TransportHandlers } from './transport.ts';

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

type Listener = (event: MessageEvent<string>) => void;

/** The part of an EventSource that reconnecting-eventsource uses, and a way to fail it. */
interface Attempt {
	readyState: number;
	onerror?: (event: Event) => void;
	addEventListener(type: string, listener: Listener): void;
	fail(error: unknown): void;
	close(): void;
}

/**
 * Creates one attempt, in the shape of the EventSource that reconnecting-eventsource makes for each.
 * It differs from a native one in two ways. It asks for its address when it starts, so that each attempt has a fresh
 * token and the next gateway. It closes on the first error: a native one that was cut off stays CONNECTING and
 * retries the same address for ever, without the list of gateways and the backoff.
 */
function createAttempt(handlers: TransportHandlers, failed: (error: unknown) => void): Attempt {
	const listeners: [type: string, listener: Listener][] = [];
	const closing = new AbortController();
	let source: EventSource | undefined;

	async function open(): Promise<void> {
		// One turn later: reconnecting-eventsource attaches its handlers after the constructor returns.
		await undefined;
		if (isClosed()) return;
		const address = await handlers.address();
		const { origin, pathname } = new URL(address);
		const url = origin + pathname;
		// First by a request that sees the reason of a refusal: an EventSource would be one request more.
		const reason = handlers.wasRefused() ? await reasonOf(address, url, closing.signal) : undefined;
		if (reason !== undefined) throw reason;
		if (isClosed()) return;
		const opening = new EventSource(address);
		source = opening;
		opening.onopen = () => {
			attempt.readyState = OPEN;
		};
		opening.onerror = async () => {
			opening.close();
			const broke = temporary('network', `The stream from ${url} broke.`);
			attempt.fail(attempt.readyState === OPEN ? broke : ((await reasonOf(address, url, closing.signal)) ?? broke));
		};
		for (const [type, listener] of listeners) {
			opening.addEventListener(type, (event) => {
				// Events of one chunk may still arrive after `close()`.
				if (isClosed()) return;
				if (event.origin === origin) listener(event);
				else attempt.fail(temporary('redirected', `The stream from ${url} was led to ${event.origin}.`));
			});
		}
	}

	const isClosed = () => attempt.readyState === CLOSED;

	const attempt: Attempt = {
		readyState: CONNECTING,
		addEventListener(type, listener) {
			// The client adds all listeners before the attempt opens.
			listeners.push([type, listener]);
		},
		fail(error) {
			if (isClosed()) return;
			attempt.close();
			failed(error);
			attempt.onerror?.(new Event('error'));
		},
		close() {
			attempt.readyState = CLOSED;
			closing.abort();
			source?.close();
		},
	};
	open().catch(attempt.fail);
	return attempt;
}

/**
 * Creates a transport of Server-Sent Events over reconnecting-eventsource.
 * That makes a new EventSource after each one that closed, after a time drawn evenly from 0 to its `max_retry_time`.
 */
export function createSseTransport(handlers: TransportHandlers): Transport {
	let attempt: Attempt | undefined;
	let lastId = '';
	const setCeiling = (ms: number) => {
		// A plain field that the library reads at each retry; only its types call it readonly.
		(source as { max_retry_time: number }).max_retry_time = ms;
	};
	// The library calls it with `new`; an object that a constructor returns is the result of `new`.
	function makeAttempt(): Attempt {
		lastId = '';
		const opening = createAttempt(handlers, (error) => setCeiling(handlers.onDown(error)));
		attempt = opening;
		return opening;
	}
	const source = new ReconnectingEventSource('', { eventSourceClass: makeAttempt as unknown as typeof EventSource });
	for (const name of handlers.events) {
		source.addEventListener(name, ({ data, lastEventId }: MessageEvent<string>) => {
			// For an event without an id, browsers give the id of the one before, and the package for Node gives none.
			const id = lastEventId === '' || lastEventId === lastId ? undefined : lastEventId;
			lastId = id ?? lastId;
			handlers.onMessage(name, data, id);
		});
	}
	return {
		fail: (error) => attempt?.fail(error),
		close: () => source.close(),
	};
}
